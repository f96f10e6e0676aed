#!/bin/sh
# Unpacks redis-server from Debian's or Ubuntu's own packages into the folder $1, with the libraries it needs that the
# machine lacks. Needs no root and installs nothing: the lists and packages that apt reads and writes are in $1 too.
#
# redis-tools is the package with the program in it: redis-check-rdb and redis-server are one binary under two names.
set -eu
mkdir -p "$1"
into=$(cd "$1" && pwd)

# Several may start at once: one downloads, the others wait here and find it done.
exec 9>"$into/lock"
flock 9
[ -x "$into/root/usr/bin/redis-server" ] && exit 0

work=$into/work
rm -rf "$work"
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/debs" "$work/root"
apt() {
  apt-get -qq -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" -o Debug::NoLocking=true \
    -o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::Retries=2 -o Acquire::http::Timeout=30 "$@"
}

apt update
packages=$(apt -s install --reinstall --no-install-recommends redis-tools | sed -n 's/^Inst \([^ ]*\).*/\1/p' | grep -v '^libc6$') ||
  { echo 'apt knows no redis-tools' >&2; exit 1; }
# shellcheck disable=SC2086 # these are several words
(cd "$work/debs" && apt download $packages)
for deb in "$work"/debs/*.deb; do dpkg -x "$deb" "$work/root"; done
ln -f "$work/root/usr/bin/redis-check-rdb" "$work/root/usr/bin/redis-server"
mv "$work/root" "$into/root"
rm -rf "$work"
