"""Foreign objects on the lab's hosts, created before the first run: no playbook may change any of them.

On core2 a network with the cluster's name but another subnet, and a container in it; on web1 containers without a
label and of another cluster, a volume, files next to ours; on db1 a volume; on the share a file. Host core3 starts
without an engine.
"""

from __future__ import annotations

from tests.lab.hosts import each

VOLUME = "foreign-volume"
NOTES = "/etc/wabiz/wabiz/notes.txt"
# Foreign files on web1 in directories that have files of ours too; they are kept, and so are the directories.
NEXT_TO_OURS = [
    "/etc/cron.d/wabiz-other",
    "/etc/wabiz",
    "/etc/wabiz/other",
    "/etc/wabiz/other/coreapp.yml",
    "/etc/wabiz/wabiz",
    NOTES,
]
# Objects that uninstall.yml may never name, as (host, resource).
NEVER_REMOVED = {
    ("core2", "network wabiz"),
    ("core2", "container their-bot"),
    ("web1", "container their-web"),
    ("web1", "container other-coreapp-1"),
    ("web1", "file /etc/cron.d/their-job"),
    *(("web1", f"file {path}") for path in NEXT_TO_OURS),
    *((host, f"volume {VOLUME}") for host in ("web1", "db1")),
}

# The hosts have no image at that time, and no registry has one: this one is made from the host's own files.
_COMMON = r"""
set -eu
image() {
  docker image inspect foreign/image:1 > /dev/null 2>&1 && return
  sleep=$(command -v sleep)
  tar -ch "$sleep" $(ldd "$sleep" | grep -o '/[^ ]*') 2> /dev/null \
    | docker import --change "ENTRYPOINT [\"$sleep\"]" --change 'CMD ["infinity"]' - foreign/image:1
}
container() {
  docker container inspect "$1" > /dev/null 2>&1 || docker run --detach --restart=unless-stopped --name "$@"
}
volume() { docker volume inspect "$1" > /dev/null 2>&1 || docker volume create "$1"; }
file() { test -e "$1" || { mkdir -p "${1%/*}"; echo "# theirs" > "$1"; chmod "$2" "$1"; }; }
"""
_PLACE = {
    "core2": """
image
if docker network inspect --format '{{json .Labels}}' wabiz 2> /dev/null | grep -q org.wabiz.cluster; then
  echo "network wabiz belongs to the cluster, which was deployed before these objects: take the lab down first" >&2
  exit 1
fi
docker network inspect wabiz > /dev/null 2>&1 || docker network create --subnet=10.99.7.0/24 wabiz
container their-bot --network=wabiz foreign/image:1
""",
    "web1": """
image
volume foreign-volume
container their-web --volume=foreign-volume:/data foreign/image:1
container other-coreapp-1 --label=org.wabiz.cluster=other --label=org.wabiz.node=coreapp foreign/image:1
file /var/lib/docker/volumes/foreign-volume/_data/theirs.txt 644
file /etc/wabiz/wabiz/notes.txt 640
file /etc/wabiz/other/coreapp.yml 600
file /etc/cron.d/their-job 644
file /etc/cron.d/wabiz-other 644
""",
    "db1": """
volume foreign-volume
file /var/lib/docker/volumes/foreign-volume/_data/theirs.txt 644
file /srv/wabiz-media-export/theirs.txt 604
""",
}
# Only existing objects are printed: an object that was removed is a difference.
_SNAPSHOT = r"""
state='{{.State.Status}} {{.State.StartedAt}} {{.RestartCount}}'
config='{{json .Config.Labels}} {{json .HostConfig.RestartPolicy}} {{json .Mounts}} {{json .NetworkSettings.Networks}}'
{ docker container inspect their-bot their-web other-coreapp-1 --format "container {{.Name}} {{.Id}} $state $config"
docker network inspect wabiz \
  --format 'network {{.Name}} {{.Id}} {{.Created}} {{json .IPAM}} {{json .Labels}} {{json .Options}}'
docker volume inspect foreign-volume --format 'volume {{.Name}} {{.CreatedAt}} {{json .Labels}}'
} 2> /dev/null | grep -v '"org.wabiz.cluster":"wabiz"'
for file in /etc/wabiz/wabiz/notes.txt /etc/wabiz/other/* /etc/cron.d/their-job /etc/cron.d/wabiz-other \
  /var/lib/docker/volumes/foreign-volume/_data/* /srv/wabiz-media-export/theirs.txt; do
  test -e "$file" || continue
  stat --format 'file %n %a %U:%G %Y' "$file"
  sha256sum "$file"
done
true
"""

_recorded: dict[str, list[str]] = {}


def place(new_hosts: bool = False) -> None:
    """Create the missing objects and record their state; done once in a session.

    ``new_hosts``: the hosts were created again. LabError if the cluster was deployed on hosts without them.
    """
    if new_hosts:
        _recorded.clear()
    if not _recorded:
        each({host: _COMMON + script for host, script in _PLACE.items()})
        _recorded.update(snapshot())


def snapshot() -> dict[str, list[str]]:
    """Return by host ids, start times, networks with addresses, volumes and files of all foreign objects."""
    found = each(dict.fromkeys(_PLACE, _SNAPSHOT))
    return {host: [line for line in text.splitlines() if line] for host, text in found.items()}


def unchanged() -> None:
    """AssertionError if any of them has changed; does nothing if none was created."""
    if _recorded:
        assert snapshot() == _recorded
