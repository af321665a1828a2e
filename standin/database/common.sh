# What the entry points of both database images share; sourced by bash.
shopt -s nullglob

# log LEVEL TEXT: one line on standard error.
log() { printf '%s [%s] [Entrypoint]: %s\n' "$(date --rfc-3339=seconds)" "$1" "$2" >&2; }

# fail TEXT: log and end the container.
fail() { log ERROR "$1"; exit 1; }

# env_or_file NAME [DEFAULT]: export NAME, taken from the file that NAME_FILE names where that is set.
env_or_file() {
    local name=$1 file=$1_FILE value
    [[ -z ${!name-} || -z ${!file-} ]] || fail "Both $name and $file are set (but are exclusive)"
    value=${!name:-${2-}}
    if [[ -n ${!file-} ]]; then value=$(<"${!file}"); fi
    export "$name=$value"
    unset "$file"
}

# become USER COMMAND...: run COMMAND in our place as USER, with that user's home directory.
become() {
    local user=$1 home
    home=$(getent passwd "$user" | cut -d: -f6)
    HOME=$home exec setpriv --reuid="$user" --regid="$user" --init-groups "${@:2}"
}

# own USER DIRECTORY: hand everything below DIRECTORY to USER, touching only what is not theirs.
own() { find "$2" \! -user "$1" -exec chown "$1:$1" '{}' +; }

# run_init_files: /docker-entrypoint-initdb.d in name order; SQL goes to the caller's docker_process_sql.
run_init_files() {
    local file
    for file in /docker-entrypoint-initdb.d/*; do
        case $file in
            *.sh) log Note "running $file"
                  # An executable script is a program of its own, any other is sourced and may use our functions.
                  if [[ -x $file ]]; then "$file"; else . "$file"; fi ;;
            *.sql) log Note "running $file"; docker_process_sql <"$file" ;;
            *.sql.gz) log Note "running $file"; gunzip -c "$file" | docker_process_sql ;;
            *) log Warn "ignoring $file" ;;
        esac
    done
}
