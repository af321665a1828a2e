"""Other people's things on the lab's hosts, there before the first run: no playbook may change any of them.

On core2 a network of our name with a subnet of its own and a container in it; on web1 containers without label and of
another cluster, a volume, files beside ours; on db1 a volume; on the share a file. Host core3 starts without an engine.
"""

from __future__ import annotations

from tests.lab.hosts import each

VOLUME = "somebody-elses"
NOTES = "/etc/wabiz/wabiz/notes.txt"
# What of theirs is on web1 in places where ours is, too; all of it stays, with the directories that hold it.
BESIDE_OURS = [
    "/etc/cron.d/wabiz-other",
    "/etc/wabiz",
    "/etc/wabiz/other",
    "/etc/wabiz/other/coreapp.yml",
    "/etc/wabiz/wabiz",
    NOTES,
]
# What uninstall.yml may never name, as (host, resource).
NEVER_REMOVED = {
    ("core2", "network wabiz"),
    ("core2", "container their-bot"),
    ("web1", "container their-web"),
    ("web1", "container other-coreapp-1"),
    ("web1", "file /etc/cron.d/their-job"),
    *(("web1", f"file {path}") for path in BESIDE_OURS),
    *((host, f"volume {VOLUME}") for host in ("web1", "db1")),
}

# Hosts have no image at that time, and no registry has one for them: theirs is made of the host's own files.
_COMMON = r"""
set -eu
image() {
  docker image inspect somebody/else:1 > /dev/null 2>&1 && return
  tar -ch /usr/bin/sleep $(ldd /usr/bin/sleep | grep -o '/[^ ]*') 2> /dev/null \
    | docker import --change 'ENTRYPOINT ["/usr/bin/sleep"]' --change 'CMD ["infinity"]' - somebody/else:1
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
  echo "network wabiz is the cluster's, which was deployed without these things: take the lab down first" >&2
  exit 1
fi
docker network inspect wabiz > /dev/null 2>&1 || docker network create --subnet=10.99.7.0/24 wabiz
container their-bot --network=wabiz somebody/else:1
""",
    "web1": """
image
volume somebody-elses
container their-web --volume=somebody-elses:/data somebody/else:1
container other-coreapp-1 --label=org.wabiz.cluster=other --label=org.wabiz.node=coreapp somebody/else:1
file /var/lib/docker/volumes/somebody-elses/_data/theirs.txt 644
file /etc/wabiz/wabiz/notes.txt 640
file /etc/wabiz/other/coreapp.yml 600
file /etc/cron.d/their-job 644
file /etc/cron.d/wabiz-other 644
""",
    "db1": """
volume somebody-elses
file /var/lib/docker/volumes/somebody-elses/_data/theirs.txt 644
file /srv/wabiz-media-export/theirs.txt 604
""",
}
# Only what exists is printed: a thing that is gone is a difference.
_SNAPSHOT = r"""
state='{{.State.Status}} {{.State.StartedAt}} {{.RestartCount}}'
config='{{json .Config.Labels}} {{json .HostConfig.RestartPolicy}} {{json .Mounts}} {{json .NetworkSettings.Networks}}'
{ docker container inspect their-bot their-web other-coreapp-1 --format "container {{.Name}} {{.Id}} $state $config"
docker network inspect wabiz \
  --format 'network {{.Name}} {{.Id}} {{.Created}} {{json .IPAM}} {{json .Labels}} {{json .Options}}'
docker volume inspect somebody-elses --format 'volume {{.Name}} {{.CreatedAt}} {{json .Labels}}'
} 2> /dev/null | grep -v '"org.wabiz.cluster":"wabiz"'
for file in /etc/wabiz/wabiz/notes.txt /etc/wabiz/other/* /etc/cron.d/their-job /etc/cron.d/wabiz-other \
  /var/lib/docker/volumes/somebody-elses/_data/* /srv/wabiz-media-export/theirs.txt; do
  test -e "$file" || continue
  stat --format 'file %n %a %U:%G %Y' "$file"
  sha256sum "$file"
done
true
"""

_remembered: dict[str, list[str]] = {}


def place(anew: bool = False) -> None:
    """Put them where they are missing and remember what they are; nothing is done where that was done in this session.

    ``anew``: the hosts are others than before. LabError where the cluster was deployed on hosts without them.
    """
    if anew:
        _remembered.clear()
    if not _remembered:
        each({host: _COMMON + script for host, script in _PLACE.items()})
        _remembered.update(snapshot())


def snapshot() -> dict[str, list[str]]:
    """Return by host ids, start times, networks with addresses, volumes and files of everything that is not ours."""
    found = each(dict.fromkeys(_PLACE, _SNAPSHOT))
    return {host: [line for line in text.splitlines() if line] for host, text in found.items()}


def unchanged() -> None:
    """AssertionError where any of it is not what it was; nothing is looked at where none was placed."""
    if _remembered:
        assert snapshot() == _remembered
