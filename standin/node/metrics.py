"""What a node counts: the documented metrics of /v1/stats/app."""

from standin.common.metrics import Metrics

KINDS = {
    "callback_queue_size": ("gauge", "Callbacks that this node holds for the webhook"),
    "callback_requests": ("counter", "Requests to the webhook by result"),
    "callback_requests_duration_ms_count": ("counter", "Requests to the webhook"),
    "callback_requests_duration_ms_sum": ("counter", "Milliseconds spent in requests to the webhook"),
    "concurrent_rate_limit_triggered": ("counter", "Requests refused because of their rate"),
    "db_request_duration_us_count": ("counter", "Pieces of database work"),
    "db_request_duration_us_sum": ("counter", "Microseconds spent in database work"),
    "db_request_error_duration_us_count": ("counter", "Failed pieces of database work"),
    "db_request_error_duration_us_sum": ("counter", "Microseconds spent in failed database work"),
    "endpoint_requests": ("counter", "Requests to this node by endpoint and result"),
    "endpoint_requests_duration_ms_count": ("counter", "Requests to this node"),
    "endpoint_requests_duration_ms_sum": ("counter", "Milliseconds spent in requests to this node"),
    "in_message_decoded": ("counter", "Inbound messages that could be read"),
    "in_message_from_server": ("counter", "Inbound messages that came from WhatsApp, repeated ones included"),
    "in_message_persisted": ("counter", "Inbound messages written to the database"),
    "in_messages_pending_processing": ("gauge", "What came from WhatsApp and has not been dealt with"),
    "media_downloads": ("counter", "Media files fetched from WhatsApp"),
    "media_uploads": ("counter", "Media files handed in for sending"),
    "out_message_persisted": ("counter", "Messages accepted for sending"),
    "out_message_status": ("counter", "News about sent messages by status"),
    "out_message_sent_duration_ms_count": ("counter", "Messages that WhatsApp took"),
    "out_message_sent_duration_ms_sum": ("counter", "Milliseconds from sending until WhatsApp took it"),
    "pending_callbacks": ("gauge", "Callbacks of this node's shard that wait in the database"),
    "pending_messages": ("gauge", "Messages of this node's shard that have to be sent"),
}


def node_metrics() -> Metrics:
    """Fresh counters."""
    metrics = Metrics(KINDS)
    for name in ("callback_queue_size", "in_messages_pending_processing", "pending_callbacks", "pending_messages"):
        metrics.set(name, 0)
    return metrics
