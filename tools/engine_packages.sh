#!/bin/sh
# Installs what the tests of containers and signatures need, where that can be done: as root on Debian. Elsewhere it says so and the
# tests are skipped with their reason. No service is started by it: the tests start an engine of their own, and stop it.
set -u
PACKAGES="docker.io docker-registry debootstrap openssh-client openssl"

for command in dockerd docker-registry debootstrap ssh-keygen openssl; do
  command -v "$command" >/dev/null 2>&1 || missing="${missing:-} $command"
done
[ -n "${missing:-}" ] || exit 0

if [ "$(id -u)" != 0 ] || ! grep -q '^ID=debian$' /etc/os-release 2>/dev/null; then
  echo "Not installed, as this is not root on Debian:$missing. The tests that need them are skipped."
  exit 0
fi

policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then # Debian asks it before it starts a service that it has installed; 101 forbids
  printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # a list of words
if ! { apt-get update && apt-get install --yes --no-install-recommends $PACKAGES; } >/tmp/auditor-engine-packages.$$ 2>&1; then
  tail -n 5 /tmp/auditor-engine-packages.$$
  echo "The packages ($PACKAGES) could not be installed. The tests that need them are skipped."
fi
rm -f /tmp/auditor-engine-packages.$$
