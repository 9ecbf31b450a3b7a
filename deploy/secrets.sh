#!/bin/sh
# Prints the Secrets that a standalone K8sTA needs, with fresh random passwords: deploy/secrets.sh | kubectl create -f -
# Each service gets only its own password. Each run prints new passwords.
set -eu

random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

secret() { # name key value [key value]
  printf -- '---\napiVersion: v1\nkind: Secret\nmetadata: {name: %s, namespace: k8sta}\nstringData:\n' "$1"
  shift
  while [ $# -gt 0 ]; do
    printf '  %s: |\n' "$1"
    while IFS= read -r line; do printf '    %s\n' "$line"; done <<END
$2
END
    shift 2
  done
}

passwords=
for user in ingest tracker promoter argo-watcher board notifier tap operator; do
  password=$(random)
  secret "k8sta-nats-$user" password "$password"
  passwords="$passwords
${user}_password: \"$password\""
done
passwords=$(printf '%s' "${passwords#?}" | tr - _)
secret k8sta-nats-server passwords.conf "$passwords" routes.conf "route_password: \"$(random)\""

redis=$(random)
allowed='~k8sta:* resetchannels -@all +eval +evalsha +get +set +hget +hgetall +hset +hdel +incr +zadd +zcard +zrange +zrangebyscore +zrem +zscore +ping +info +config|get'
secret k8sta-redis-tracker password "$redis"
# The user default has no password and cannot log in. But Redis replays its append-only file as that user (redis#14541) and would
# refuse each transaction in it after a restart, so it has the permissions of the tracker.
secret k8sta-redis-server users.acl "user default off $allowed
user tracker on >$redis $allowed"

secret k8sta-webhooks dockerhub "$(random)"
