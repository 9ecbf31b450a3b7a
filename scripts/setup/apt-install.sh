#!/bin/sh
# Installs Debian packages without letting any of them start a service: apt-install.sh <policy-rc.d> <package>...
# redis-server and nats-server would start themselves at once; invoke-rc.d asks policy-rc.d first, and 101 is "no".
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

# A run that was killed may have left its own file behind, which must not be kept as if it were the system's.
if [ -e "$policy" ] && ! grep -q "$mark" "$policy"; then mv "$policy" "$kept"; fi
printf '#!/bin/sh\n# %s\nexit 101\n' "$mark" >"$policy"
chmod 755 "$policy"

export DEBIAN_FRONTEND=noninteractive
# One unreachable source need not matter: if it does, the installation says so.
apt-get update || echo 'apt-get update failed; trying with the package lists that are there'
apt-get -o DPkg::Lock::Timeout=300 install --yes --no-install-recommends "$@"
