#!/bin/sh
# Prints the Secrets that a standalone K8sTA needs, with fresh random passwords: deploy/secrets.sh | kubectl create -f -
# Each service gets only its own password. Each run prints new passwords.
set -eu

random() { head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'; }

secret() { # name key value [key value]
  printf -- '---\napiVersion: v1\nkind: Secret\nmetadata: {name: %s, namespace: k8sta}\nstringData:\n' "$1"
  shift
  while [ $# -gt 0 ]; do
    printf '  %s: |\n%s\n' "$1" "$(printf '%s' "$2" | sed 's/^/    /')"
    shift 2
  done
}

passwords=
for user in ingest tracker promoter argo-watcher board notifier tap operator; do
  password=$(random)
  secret "k8sta-nats-$user" password "$password"
  passwords="$passwords$(echo "$user" | tr - _)_password: \"$password\"
"
done
secret k8sta-nats-server passwords.conf "$passwords" routes.conf "route_password: \"$(random)\""

redis=$(random)
allowed='~k8sta:* resetchannels -@all +eval +evalsha +get +set +hget +hgetall +hset +hdel +incr +zadd +zcard +zrange +zrangebyscore +zrem +zscore +ping +info +config|get'
secret k8sta-redis-tracker password "$redis"
# The user default has no password and cannot log in. But Redis replays its append-only file as that user (redis#14541) and would
# refuse each transaction in it after a restart, so it has the permissions of the tracker.
secret k8sta-redis-server users.acl "user default off $allowed
user tracker on >$redis $allowed"

secret k8sta-webhooks dockerhub "$(random)"
