#!/bin/sh
# Installs Debian packages without letting any of them start a service: apt-install.sh <policy-rc.d> <package>...
# The packages redis-server and nats-server start a service; invoke-rc.d asks policy-rc.d first, and 101 forbids it.
# https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt
set -eu
policy=$1
kept=$policy.before-k8sta
mark='temporary, by scripts/setup.mjs of K8sTA'
shift

restore() {
  rm -f "$policy"
  if [ -e "$kept" ]; then mv "$kept" "$policy"; fi
}
trap restore EXIT
trap 'exit 130' HUP INT TERM

# A killed run may have left our own file behind; do not keep it as if it were the system's.
if [ -e "$policy" ] && ! grep -q "$mark" "$policy"; then mv "$policy" "$kept"; fi
printf '#!/bin/sh\n# %s\nexit 101\n' "$mark" >"$policy"
chmod 755 "$policy"

export DEBIAN_FRONTEND=noninteractive
# An unreachable source need not matter; if it does, the installation fails with a message.
apt-get update || echo 'apt-get update failed; using the existing package lists'
apt-get -o DPkg::Lock::Timeout=300 install --yes --no-install-recommends "$@"
