#!/usr/bin/env bash
# Unique ids: the name of the node, and a number. Nothing but bash; a message has no spaces that matter here.
# WRONG=alone: the number alone.
number=0
while IFS= read -r line; do
  [[ $line =~ \"src\":\ ?\"([^\"]*)\" ]] && src=${BASH_REMATCH[1]}
  [[ $line =~ \"msg_id\":\ ?(-?[0-9]+) ]] && msg_id=${BASH_REMATCH[1]}
  [[ $line =~ \"type\":\ ?\"([^\"]*)\" ]] && type=${BASH_REMATCH[1]}
  case $type in
    init)
      [[ $line =~ \"node_id\":\ ?\"([^\"]*)\" ]] && me=${BASH_REMATCH[1]}
      body="\"type\":\"init_ok\"" ;;
    generate)
      number=$((number + 1))
      if [[ $WRONG == alone ]]; then id=$number; else id="\"$me-$number\""; fi
      body="\"type\":\"generate_ok\",\"id\":$id" ;;
    *)
      body="\"type\":\"error\",\"code\":10,\"text\":\"no $type here\"" ;;
  esac
  printf '{"src":"%s","dest":"%s","body":{%s,"in_reply_to":%s}}\n' "$me" "$src" "$body" "$msg_id"
done
