# SPDX-License-Identifier: GPL-3.0-or-later
"""The one reader: every variable absent, blank, null, of the wrong type, as text; no finding shows a secret."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.upgrade.situation import Wish
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.conversion import convert, given
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.declaration import Declaration, Variable
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.patterns import PATTERNS
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.reading import (
    CannotEvaluate,
    Settings,
    missing,
    read,
)
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared
from hypothesis import given as for_all
from hypothesis import strategies as st

DECLARED: Declaration = declared()
VARIABLES = list(DECLARED.variables.values())
BOOLEANS = [variable for variable in VARIABLES if variable.type == "bool"]
BLANKS = [None, "", "   ", "\n", "\t \r\n"]
# What no variable of the type can be; text is judged by pattern and length.
WRONG: dict[str, list[Any]] = {
    "str": [True, ["a"], {"a": "b"}, "line\nbreak\x00"],
    "int": [True, "three", "1.5", 1.5, [1], {"a": 1}, "1_000", "९", "9" * 5000],
    "float": [True, "much", [1], "nan", "inf", "1e400"],
    "bool": ["maybe", 2, [True], {"a": True}, "tru"],
    "path": [True, "relative/path", "/a/../b", "/", "/a:b", ["/a"], "/a\nb"],
    "file": [True, ["a"], {"a": "b"}, "a\x00b"],
    "list": [True, 5, {"a": "b"}, "[1, 2", [["nested"]], [True]],
    "command": [True, 5, {"a": "b"}, "an 'open quote", [{"a": "b"}]],
    "dict": [True, 5, ["a"], "no dictionary", '{"a": ', '["a"]', '{"a":' * 3000],
}


def by_name(variable: Variable) -> str:
    return variable.name


def settings(values: dict[str, Any], reader: str = "site", host: str = "core1") -> Settings:
    wanted = [variable for variable in DECLARED.read_by(reader) if not variable.deferred]
    return read(host, DECLARED, wanted, values, values.__getitem__)


def found(values: dict[str, Any], **options: Any) -> list[str]:
    return [str(finding) for finding in settings(values, **options).findings]


@pytest.mark.parametrize("blank", BLANKS, ids=repr)
@pytest.mark.parametrize("variable", VARIABLES, ids=by_name)
def test_a_blank_value_is_as_not_given(variable: Variable, blank: Any) -> None:
    assert convert(variable, blank) == variable.default
    absent, blanked = settings({}), settings({variable.name: blank})
    assert absent == blanked


@pytest.mark.parametrize("blank", [[], [""], [None, " "], "[]", '["", null]'], ids=repr)
@pytest.mark.parametrize(
    "variable", [one for one in VARIABLES if one.type in ("list", "command") and one.default is None], ids=by_name
)
def test_a_list_of_blanks_is_as_not_given(variable: Variable, blank: Any) -> None:
    """Else a command without words is run, and a certificate has no names."""
    assert convert(variable, blank) is None
    assert settings({variable.name: blank}) == settings({})


@pytest.mark.parametrize("kept", ['""', "''", ' ""\n'])
@pytest.mark.parametrize("variable", VARIABLES, ids=by_name)
def test_quotation_marks_around_nothing_are_no_value(variable: Variable, kept: str) -> None:
    """A signing key, or a password, of two characters that everybody can guess."""
    with pytest.raises(Unfit, match="means no value"):
        convert(variable, kept)


@pytest.mark.parametrize("variable", VARIABLES, ids=by_name)
def test_a_default_has_the_declared_type(variable: Variable) -> None:
    if variable.default is not None:
        assert convert(variable, variable.default) == variable.default


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        pytest.param(one, value, id=f"{one.name}-{position}")
        for one in VARIABLES
        for position, value in enumerate(WRONG[one.type])
    ],
)
def test_a_wrong_type_is_a_finding_that_names_the_variable(variable: Variable, value: Any) -> None:
    with pytest.raises(Unfit) as unfit:
        convert(variable, value)
    assert unfit.value.problem.endswith(".")
    assert unfit.value.remedy.endswith((".", "*", "=")), unfit.value.remedy
    reader = next(iter(variable.read_by - {name for name in variable.read_by if name.startswith("role ")}))
    if not variable.deferred:
        (line,) = found({variable.name: value}, reader=reader)
        assert line.startswith(f"core1, variable {variable.name}: ")


@pytest.mark.parametrize("variable", BOOLEANS, ids=by_name)
@pytest.mark.parametrize(
    ("text", "meant"),
    [
        *((text, False) for text in ("false", "no", "0", "False", "off", 0)),
        *((text, True) for text in ("true", "yes", "1", "True", "on", 1, " true ")),
    ],
)
def test_the_converted_boolean_is_the_one_that_is_used(variable: Variable, text: Any, meant: bool) -> None:
    assert convert(variable, text) is meant


@pytest.mark.parametrize(
    "variable", [one for one in VARIABLES if one.type in ("int", "float") and one.range], ids=by_name
)
def test_numbers_may_come_as_text_and_stay_in_their_range(variable: Variable) -> None:
    least, most = variable.range or (0, 0)
    assert convert(variable, f" {least} ") == least
    assert convert(variable, most) == most
    for outside in (least - 1, most + 1):
        with pytest.raises(Unfit, match=str(int(outside))):
            convert(variable, str(int(outside)))


@pytest.mark.parametrize("written", ["2026-03-01T02:00:00Z", "'2026-03-01T02:00:00Z'", "2026-03-01T03:00:00+01:00"])
def test_a_time_needs_no_quotes_in_yaml(written: str) -> None:
    assert convert(DECLARED.variables["wabiz_logs_since"], yaml.safe_load(written)) == "2026-03-01T02:00:00Z"


@pytest.mark.parametrize("variable", [one for one in VARIABLES if one.choices], ids=by_name)
def test_choices(variable: Variable) -> None:
    for choice in variable.choices:
        assert convert(variable, str(choice)) == choice
    with pytest.raises(Unfit) as unfit:
        convert(variable, "7")
    assert str(variable.choices[-1]) in unfit.value.remedy


@pytest.mark.parametrize(
    "name",
    ["../../home", "x; touch /tmp/p #%", "WA Prod", "a/b", "a..b", "-a", ".a", "a\nb", "ä", "a" * 49, "$(id)", "a%b"],
)
@pytest.mark.parametrize("reader", DECLARED.readers["all"])
def test_the_clusters_name_is_checked_in_every_playbook(name: str, reader: str) -> None:
    (line,) = found({"wabiz_cluster_name": name}, reader=reader)
    assert "variable wabiz_cluster_name" in line


@pytest.mark.parametrize("name", ["wabiz", "wa-prod", "a", "0", "a.b_c-d", "a" * 48])
def test_names_that_are_accepted(name: str) -> None:
    assert settings({"wabiz_cluster_name": name}).values["cluster_name"] == name


@for_all(st.text(max_size=60))
def test_no_accepted_name_leaves_its_directory_or_its_line(text: str) -> None:
    if PATTERNS["name"].fits(text):
        assert not set(text) & set("/\\ \n\r\t%#;$`'\"|&<>*?") and ".." not in text and text[0] not in ".-"


@pytest.mark.parametrize("host", ["x; touch /tmp/p", "a b", "a\nb", "-x", "a/b"])
def test_the_name_of_a_host_is_checked(host: str) -> None:
    (line,) = found({}, host=host)
    assert "cannot be the name of a host" in line


def test_a_misspelt_name_is_found_with_the_right_one() -> None:
    (line,) = found({"wabiz_databse_host": "db1"})
    assert (
        line
        == "core1, variable wabiz_databse_host: is not a variable of this collection. Did you mean wabiz_database_host?"
    )
    (line,) = found({"wabiz_xyzzy": "1"})
    assert "docs/variables.md" in line


@pytest.mark.parametrize(
    "name", ["node_version", "database_user", "database_users", "media_path", "coreapp_instances", "engine_packages"]
)
def test_names_without_the_prefix_are_ignored(name: str) -> None:
    """Node.js, another role's database, and what this collection's variables were called once."""
    assert settings({name: "18.20.4"}) == settings({})


def test_what_cannot_be_evaluated_is_a_finding_and_the_rest_is_read() -> None:
    def evaluate(name: str) -> Any:
        if name == "wabiz_api_key":
            raise CannotEvaluate("'vault_api_key' is undefined")
        return "2.57.2"

    read_ = read("web1", DECLARED, DECLARED.read_by("site"), {"wabiz_api_key", "wabiz_version"}, evaluate)
    assert [str(finding) for finding in read_.findings] == [
        "web1, variable wabiz_api_key: cannot be evaluated: 'vault_api_key' is undefined. Fix it."
    ]
    assert read_.values["version"] == "2.57.2"
    # It was given, so it is not missing as well.
    assert "wabiz_api_key" not in {finding.variable for finding in missing("web1", DECLARED.required_by("site"), read_)}


def test_uninstall_needs_no_secret() -> None:
    """A vault that is not available must not prevent the removal of a cluster."""
    assert not [variable.name for variable in DECLARED.read_by("uninstall") if variable.secret]
    assert not DECLARED.required_by("uninstall")


SECRETS = [variable for variable in VARIABLES if variable.secret]


@pytest.mark.parametrize("variable", SECRETS, ids=by_name)
@for_all(value=st.text(min_size=4, max_size=40).map(lambda text: f"Canary9{text}7yranaC"))
def test_no_finding_shows_a_secret(variable: Variable, value: str) -> None:
    try:
        convert(variable, value)
    except Unfit as unfit:
        assert value not in f"{unfit.problem} {unfit.remedy}"


@pytest.mark.parametrize("variable", [one for one in SECRETS if not one.pattern], ids=by_name)
def test_a_trailing_line_break_of_a_secret_is_trimmed(variable: Variable) -> None:
    value = "k" * max(variable.length[0], 12)
    assert convert(variable, f"{value}\n") == convert(variable, f"{value}\r\n") == value


def test_an_address_with_a_password_is_not_shown() -> None:
    (line,) = found({"wabiz_registry": "https://user:Canary9@registry.example.net"})
    assert "Canary9" not in line and "without https://" in line


@pytest.mark.parametrize("value", [" abcdefghijkl", "abcdefghijkl ", "abcdef\nghijkl"])
def test_spaces_around_a_secret_and_line_breaks_within_are_refused(value: str) -> None:
    with pytest.raises(Unfit):
        convert(DECLARED.variables["wabiz_api_key"], value)


@pytest.mark.parametrize("value", [755, 1e5, True])
def test_a_secret_that_yaml_read_as_a_number_is_refused(value: Any) -> None:
    """0755 is 493 by then: the password would be another one."""
    with pytest.raises(Unfit, match="is not text"):
        convert(DECLARED.variables["wabiz_admin_password"], value)


@for_all(position=st.integers(0, 8), character=st.sampled_from("?{}&~!()^="))
def test_every_forbidden_character_is_found_and_the_password_is_not_shown(position: int, character: str) -> None:
    password = "Canary123"[:position] + character + "Canary123"[position:]
    (line,) = found({"wabiz_database_password": password})
    assert "contains 1 kind(s) of character" in line
    assert password not in line


def test_a_signing_key_of_another_length_is_refused() -> None:
    (line,) = found({"wabiz_jwt_key": "short-key"})
    assert line == "core1, variable wabiz_jwt_key: has 9 characters. Use 64."


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (["a", "b"], ["a", "b"]),
        ("a,b", ["a", "b"]),
        ("a\nb\n", ["a", "b"]),
        ('["a", "b"]', ["a", "b"]),
        (["a", None, ""], ["a"]),
        ("a", ["a"]),
    ],
)
def test_a_list_may_come_as_text(value: Any, meant: list[str]) -> None:
    assert convert(DECLARED.variables["wabiz_secret_env"], value) == meant


def test_a_command_may_come_as_text() -> None:
    assert convert(DECLARED.variables["wabiz_registration_code_command"], "env 'A=b c' phone") == [
        "env",
        "A=b c",
        "phone",
    ]


@pytest.mark.parametrize("value", [{"a": None, "b": ""}, '{"a": null, "b": ""}', {}])
def test_null_within_a_dictionary_is_not_given(value: Any) -> None:
    assert convert(DECLARED.variables["wabiz_log_options"], value) == {}


@pytest.mark.parametrize("value", [{"A": None, "B": ""}, '{"A": null, "B": ""}'])
def test_an_empty_text_in_an_environment_is_a_value(value: Any) -> None:
    for name in ("extra", "webapp_extra", "master_extra", "coreapp_extra", "dbupgrade"):
        assert convert(DECLARED.variables[f"wabiz_{name}_env"], value) == {"B": ""}


@pytest.mark.parametrize("value", [[7000, "7002"], "7000, 7002", '[7000, "7002"]'])
def test_a_list_of_numbers(value: Any) -> None:
    assert convert(DECLARED.variables["wabiz_webapp_ports"], value) == [7000, 7002]


@pytest.mark.parametrize("value", [[0], [65536], ["x"], [True], [[7000]]])
def test_what_is_no_port(value: Any) -> None:
    with pytest.raises(Unfit):
        convert(DECLARED.variables["wabiz_webapp_ports"], value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("wabiz_published_address", value) for value in ("web1", "*", "10.0.0.5:80", "10.0.0")),
        *(("wabiz_network_subnets", value) for value in ("10.0.0.5", "10.0.0.5/24", "fd00::/129")),
        *(("wabiz_ulimits", value) for value in ("nofile", "nofile:x", "nofile:1:2:3")),
        ("wabiz_dns_servers", "dns.example.net"),
        ("wabiz_memory", {"coreapp": "2 gigabytes"}),
        ("wabiz_memory", {"wacore": "2g"}),
    ],
)
def test_what_docker_would_refuse_later_is_refused_at_once(name: str, value: Any) -> None:
    with pytest.raises(Unfit):
        convert(DECLARED.variables[name], value)


@pytest.mark.parametrize("value", [{"A": True}, {"A": ["b"]}, {"A": {"b": "c"}}, {"A B": "c"}, {"1A": "b"}, {5: "b"}])
def test_what_cannot_be_an_environment_variable_is_refused(value: Any) -> None:
    with pytest.raises(Unfit):
        convert(DECLARED.variables["wabiz_extra_env"], value)


def test_a_dictionary_is_merged_over_its_default() -> None:
    merged = convert(DECLARED.variables["wabiz_log_cleanup_schedule"], {"hour": 4})
    assert merged == {"minute": "17", "hour": "4", "day": "*", "month": "*", "weekday": "*"}


@pytest.mark.parametrize("value", ["None", "NONE", '""', "null"])
def test_other_words_for_no_prefix_are_refused_and_the_right_one_is_told(value: str) -> None:
    """Blank would be the cluster's own prefix, with databases that are empty."""
    with pytest.raises(Unfit) as unfit:
        convert(DECLARED.variables["wabiz_database_prefix"], value)
    assert "none, where the databases have no prefix" in unfit.value.remedy.replace("none where", "none, where")


@pytest.mark.parametrize("value", ["1 root touch /tmp/p; #", "1\n* * * * * root id", "%"])
def test_a_field_of_cron_holds_nothing_else(value: str) -> None:
    with pytest.raises(Unfit):
        convert(DECLARED.variables["wabiz_log_cleanup_schedule"], {"hour": value})


@pytest.mark.parametrize(
    ("values", "key", "meant"),
    [
        ({}, "database_port", 3306),
        ({"wabiz_database_engine": "postgresql"}, "database_port", 5432),
        ({"wabiz_database_port": "3307"}, "database_port", 3307),
        ({"wabiz_cluster_name": "wa.prod"}, "database_prefix", "wa_prod_"),
        ({"wabiz_database_prefix": ""}, "database_prefix", "wabiz_"),
        ({"wabiz_database_prefix": None}, "database_prefix", "wabiz_"),
        ({"wabiz_database_prefix": "none"}, "database_prefix", ""),
        ({"wabiz_database_prefix": "none_"}, "database_prefix", "none_"),
        ({}, "external_hostname", "core1"),
        ({"ansible_host": "10.0.0.5"}, "external_hostname", "10.0.0.5"),
        ({"ansible_host": ""}, "external_hostname", "core1"),
        ({"wabiz_external_hostname": None, "ansible_host": "a"}, "external_hostname", "a"),
        ({"wabiz_config_directory": "/srv//wa/"}, "directory", "/srv/wa/wabiz"),
        ({"wabiz_registry": "reg.example.net/wa/"}, "registry", "reg.example.net/wa"),
        ({"wabiz_registry": None}, "registry", "docker.whatsapp.biz"),
        ({}, "media_volume", "wabiz-media"),
        ({"wabiz_media_volume": ""}, "media_volume_before", "whatsappMedia"),
        ({"wabiz_media_volume": "whatsappMedia"}, "media_volume_before", ""),
        ({"wabiz_cluster_name": "a.b"}, "log_cleanup_file", "/etc/cron.d/wabiz-a-DOT-b"),
        ({"wabiz_cluster_name": "a-b"}, "log_cleanup_file", "/etc/cron.d/wabiz-a-b"),
        ({"wabiz_published_address": "[2001:db8::1]"}, "published_address", "2001:db8::1"),
        ({"wabiz_database_ulimits": "nofile=262144"}, "database_ulimits", ["nofile:262144"]),
        ({"wabiz_ulimits": ["nofile=1:2", "nproc:3"]}, "ulimits", ["nofile:1:2", "nproc:3"]),
        # As engines write them, so that a comparison finds no difference.
        ({"wabiz_published_address": "2001:DB8::0:1"}, "published_address", "2001:db8::1"),
        ({"wabiz_dns_servers": "2001:DB8:0::53, 10.0.0.53"}, "dns_servers", ["2001:db8::53", "10.0.0.53"]),
        ({"wabiz_network_subnets": "fd00:1::0/64"}, "network_ipam", [{"subnet": "fd00:1::/64"}]),
        ({"wabiz_network_subnets": "10.9.0.0/24"}, "network_ipv6", False),
    ],
)
def test_what_follows_from_what(values: dict[str, Any], key: str, meant: Any) -> None:
    assert settings(values).values[key] == meant


RULE = {"effect": "refusal", "text": "Not yet."}


@pytest.mark.parametrize("value", [[RULE], '[{"effect": "refusal", "text": "Not yet."}]', [{**RULE, "to_low": None}]])
def test_a_site_adds_rules_for_jumps(value: Any) -> None:
    assert convert(DECLARED.variables["wabiz_upgrade_hops"], value) == [RULE]
    assert Wish("2.57.2", "mysql", hops=[RULE]).hops == [RULE]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({**RULE, "effect": "stop"}, "refusal, warning, ownership"),
        ({**RULE, "from_high": 2.50}, "in quotes"),
        ({**RULE, "from_high": "soon"}, "in quotes"),
        ({**RULE, "form_high": "2.50"}, "from_high"),
        ({"effect": "refusal"}, "effect, text"),
        (RULE["text"], "Write it in YAML"),
    ],
)
def test_a_rule_that_would_not_be_understood_is_refused(rule: Any, words: str) -> None:
    (line,) = found({"wabiz_upgrade_hops": [rule]}, reader="upgrade")
    assert line.startswith("core1, variable wabiz_upgrade_hops: ") and words in line


def test_a_server_of_the_balancer_is_described_as_a_whole() -> None:
    with pytest.raises(Unfit, match="without port"):
        convert(DECLARED.variables["wabiz_loadbalancer_servers"], [{"name": "web1", "address": "10.0.0.1"}])


def test_an_upgrade_has_the_limit_of_all_playbooks_or_its_own() -> None:
    for given_, limit in (({}, 5.0), ({"wabiz_minimum_disk_gb": 9}, 9.0), ({"wabiz_upgrade_minimum_disk_gb": 0}, 0.0)):
        assert settings(given_, reader="upgrade").values["upgrade_minimum_disk_gb"] == limit


def test_given() -> None:
    values: list[Any] = [*BLANKS, 0, False, [], {}, "0"]
    assert [value for value in values if given(value)] == [0, False, [], {}, "0"]


def test_every_reader_is_a_playbook_or_role_that_exists() -> None:
    from tests.support.paths import ROOT

    names = {path.stem for path in (ROOT / "playbooks").glob("*.yml")}
    assert set(DECLARED.readers["all"]) == names
    # What its work is made from, and what it reads in a user's own play, to run or to remove something.
    ways = ("role", "alone", "absent")
    roles = {f"{way} {path.name}" for path in (ROOT / "roles").iterdir() for way in ways}
    for variable in VARIABLES:
        assert variable.read_by <= names | roles, variable.name
        assert variable.required <= variable.read_by, variable.name
        assert variable.section in DECLARED.sections
        assert variable.description.endswith("."), variable.name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("wabiz_media_path", "/."),
        ("wabiz_media_path", "//"),
        ("wabiz_config_directory", "/."),
        ("wabiz_config_directory", "/srv/wa biz"),
        ("wabiz_config_directory", "/srv/wa%n;#x"),
        ("wabiz_media_volume", "/etc/wabiz/wabiz"),
        ("wabiz_media_volume", "//"),
        ("wabiz_database_volume", "/srv/../etc/wabiz"),
        ("wabiz_database_volume", "/."),
        ("wabiz_registry", "user:Canary9@registry.example.net/wa"),
        ("wabiz_registry", "Registry.example.net/WA"),
        ("wabiz_database_images", {"mysql": "user:pw@registry.example.net/mysql:8.0"}),
        ("wabiz_database_host", "db1:3306"),
        ("wabiz_database_host", ":::"),
        *(
            ("wabiz_database_host", number)
            for number in ("127.1", "10.0.0.300", "2130706433", "0x7f000001", "127.0.0.1.")
        ),
        ("wabiz_external_hostname", "224.0.0.1"),
        ("wabiz_external_hostname", "host:8443"),
        ("wabiz_loadbalancer_address", "0.0.0.0:443"),
        ("wabiz_cluster_name", "host"),
        ("wabiz_cluster_name", "bridge"),
        ("wabiz_certificate_date", "2024-02-31"),
        ("wabiz_certificate", "hello"),
        ("wabiz_api_key", "abcdefghijk\u200bl"),
        ("wabiz_extra_env", {"A": "b\x00c"}),
        ("wabiz_extra_env", {"A": "b\ud800c"}),
        ("wabiz_media_source", "nfs1:/\ud800"),
        ("wabiz_database_password", "Canary9\u202e"),
        ("wabiz_extra_volumes", ["/srv/x"]),
        ("wabiz_log_cleanup_schedule", {"minute": "99"}),
        ("wabiz_log_cleanup_schedule", {"hour": "25"}),
        ("wabiz_log_cleanup_schedule", {"minute": "mon"}),
        ("wabiz_log_cleanup_schedule", {"minute": "*/0"}),
        ("wabiz_log_cleanup_schedule", {"minute": "1,"}),
        ("wabiz_log_cleanup_schedule", {"day": "0"}),
    ],
)
def test_what_would_do_harm_later_is_refused(name: str, value: Any) -> None:
    with pytest.raises(Unfit) as unfit:
        convert(DECLARED.variables[name], value)
    assert "Canary9" not in unfit.value.problem


def test_a_number_that_cannot_be_written_as_text_is_refused() -> None:
    with pytest.raises(Unfit, match="cannot be read as int"):
        convert(DECLARED.variables["wabiz_shards"], 10**5000)


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("wabiz_engine_services", "docker, cron", ["docker", "cron"]),
        ("wabiz_engine_services", ["docker "], ["docker"]),
        ("wabiz_api_endpoints", "https://a, https://b", ["https://a", "https://b"]),
        ("wabiz_extra_volumes", "/srv/x:/opt/certs:ro,z", ["/srv/x:/opt/certs:ro,z"]),
        ("wabiz_extra_volumes", "/a:/b\n/c:/d", ["/a:/b", "/c:/d"]),
        ("wabiz_extra_volumes", "~/ca.pem:/opt/certs/ca.pem", ["~/ca.pem:/opt/certs/ca.pem"]),
        ("wabiz_api_endpoints", "https://[2001:db8::7]:9090/wa/", ["https://[2001:db8::7]:9090/wa/"]),
        ("wabiz_certificate", "aGVs\nbG8g\ndGhlcmU=\n", "aGVsbG8gdGhlcmU="),
        ("wabiz_registration_code", "123 456", "123456"),
        ("wabiz_registration_code", "123-456 ", "123-456"),
        ("wabiz_database_host", "[2001:db8::7]", "2001:db8::7"),
        ("wabiz_database_host", "DB_1.Example.net", "DB_1.Example.net"),
        ("wabiz_database_host", "10-0-0-3.example.net.", "10-0-0-3.example.net."),
        ("wabiz_api_delegate_to", "rack.1", "rack.1"),
        ("wabiz_registry", "localhost:5000", "localhost:5000"),
        ("wabiz_registry", "reg.example.net:5000/wa/prod_2-x/", "reg.example.net:5000/wa/prod_2-x"),
        ("wabiz_database_volume", "/srv//db/", "/srv/db"),
        ("wabiz_media_path", "/srv/wa media", "/srv/wa media"),
        ("wabiz_engine_packages", ["docker-ce=5:20.10.24~3-0"], ["docker-ce=5:20.10.24~3-0"]),
    ],
)
def test_what_operators_write_is_understood(name: str, value: Any, meant: Any) -> None:
    assert convert(DECLARED.variables[name], value) == meant


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("minute", "*/5"),
        ("weekday", "MON-FRI"),
        ("hour", "1, 2"),
        ("hour", " 5"),
        ("month", "jan,mar"),
        ("day", "1-15/2"),
    ],
)
def test_fields_that_cron_takes(field: str, value: str) -> None:
    read_ = convert(DECLARED.variables["wabiz_log_cleanup_schedule"], {field: value})
    assert read_[field] == value.replace(" ", "")


def test_an_address_of_version_6_has_brackets_in_an_address_of_the_api() -> None:
    values = settings({"wabiz_external_hostname": "2001:db8::1"}).values
    assert (values["external_hostname"], values["url_host"]) == ("2001:db8::1", "[2001:db8::1]")


def test_a_file_with_a_byte_order_mark_is_not_to_be_typed_in_one_line() -> None:
    with pytest.raises(Unfit) as unfit:
        convert(DECLARED.variables["wabiz_webapp_certificate"], "\ufeff-----BEGIN CERTIFICATE-----\nMII\n")
    assert "byte order mark" in unfit.value.remedy
