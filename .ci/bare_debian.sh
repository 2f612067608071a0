#!/usr/bin/env bash
# Proves the bare machine: a minimal Debian 12 with Python, make and git, as root, without display, Java or Go, runs
# `make demo` twice from a clean clone. Prints both durations; ends 0 only if both runs did.
#
# Needs root and debootstrap on a Debian system. Mirror, proxy, certificates and pip's settings are this machine's.
#   .ci/bare_debian.sh [COMMAND …]      by default: make demo
set -euo pipefail

here="$(cd "$(dirname "$0")/.." && pwd)"
command=("${@:-make demo}")
first_limit_s=300
second_limit_s=60

if [ "$(id -u)" -ne 0 ]; then
    echo "bare_debian.sh makes a chroot: run it as root" >&2
    exit 2
fi
if ! command -v debootstrap >/dev/null; then
    apt-get update -q && apt-get install -y -q --no-install-recommends debootstrap
fi

# Where this machine's own apt gets Debian from.
mirror="$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(CODENAME) $(COMPONENT)' 2>/dev/null |
    awk '$2 == "Debian" && $3 == "bookworm" && $4 == "main" { print $1; exit }')"
if [ -z "$mirror" ]; then
    echo "this machine's apt knows no mirror of Debian bookworm: run apt-get update, or add one" >&2
    exit 2
fi

root="$(mktemp -d)"
clean_up() {
    local left
    left="$(for link in /proc/[0-9]*/root; do
        [ "$(readlink "$link" 2>/dev/null)" = "$root" ] && echo "$link" | cut -d/ -f3
    done || true)"
    if [ -n "$left" ]; then
        echo "processes left behind:" >&2
        # shellcheck disable=SC2086 # one word a process
        ps -o pid=,args= -p $left >&2 || true
        # shellcheck disable=SC2086
        kill -9 $left 2>/dev/null || true
    fi
    umount -R -l "$root/dev" "$root/proc" 2>/dev/null || true
    if grep -q " $root/" /proc/mounts; then
        echo "still mounted below $root: not removed" >&2
        return 1
    fi
    rm -rf --one-file-system "$root"
    [ -z "$left" ]
}
trap 'code=$?; clean_up || code=1; exit $code' EXIT

echo "== a minimal Debian in $root"
debootstrap --variant=minbase --include=python3,make,git,ca-certificates bookworm "$root" "$mirror" >"$root.log" 2>&1 ||
    { tail -20 "$root.log" >&2; exit 1; }
rm -f "$root.log"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --make-rslave "$root/dev"

# The network is this machine's: names, certificates, apt's proxy, pip's configuration and what of the environment
# concerns them. Everything else starts empty.
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
mkdir -p "$root/etc/ssl/certs"
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
grep -rhiE '^[[:space:]]*Acquire::' /etc/apt/apt.conf /etc/apt/apt.conf.d >"$root/etc/apt/apt.conf.d/80machine" 2>/dev/null || true
[ -f /etc/pip.conf ] && cp -L /etc/pip.conf "$root/etc/"
settings=(PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8)
while IFS= read -r -d '' setting; do
    settings+=("$setting")
done < <(env -0 | grep -zE '^(PIP_[A-Z_]+|[A-Za-z]+_proxy|[A-Z]+_PROXY|SSL_CERT_FILE|SSL_CERT_DIR|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|DEMO_SECONDS)=')
if [ -n "${PIP_FIND_LINKS:-}" ] && [ -d "$PIP_FIND_LINKS" ]; then
    mkdir -p "$root$PIP_FIND_LINKS"
    cp -r "$PIP_FIND_LINKS/." "$root$PIP_FIND_LINKS/"
fi

git clone -q --no-hardlinks "$here" "$root/root/clone"
git -C "$here" log -1 --format='== commit %h %s'

in_chroot() { env -i "${settings[@]}" chroot "$root" sh -c "cd /root/clone && $1"; }

in_chroot '! command -v java && ! command -v go && ! command -v pip && [ -z "$DISPLAY$WAYLAND_DISPLAY" ]'

declare -A took code
for run in first second; do
    echo "== $run run: ${command[*]}"
    started=$SECONDS
    code[$run]=0
    # With the seconds before each line: what takes long is seen at once.
    in_chroot "${command[*]}" 2>&1 | while IFS= read -r line; do
        printf '%4d s  %s\n' $((SECONDS - started)) "$line"
    done ||
        code[$run]=${PIPESTATUS[0]}
    took[$run]=$((SECONDS - started))
    echo "== $run run: ${took[$run]} s, exit code ${code[$run]}"
done
if [ -f "$root/root/clone/demo.png" ]; then
    mkdir -p "$here/build"
    cp "$root/root/clone/demo.png" "$here/build/bare_demo.png"
fi
echo "cold ${took[first]} s (limit $first_limit_s), exit ${code[first]}; again ${took[second]} s (limit $second_limit_s), exit ${code[second]}"
[ "${code[first]}" -eq 0 ] && [ "${code[second]}" -eq 0 ] &&
    [ "${took[first]}" -le $first_limit_s ] && [ "${took[second]}" -le $second_limit_s ]
