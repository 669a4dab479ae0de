# Judges records of `openclaw bench --record`: what was admitted, against a limit. Sourced by bash after lib.sh, by proofs
# that set RATE (tokens per second), BURST (tokens) and, where a region's clock may be fast, RHO. Needs bash 4.4 and awk.

ROUNDING=0.001 # tokens: times are doubles here, good to some tens of nanoseconds

# $1 the merged record, $2… records of one machine's load generators with --record-clock monotonic, one for each region in
# order: one record, whose third column is the region.
merge_records() {
  local merged=$1
  shift
  awk -F, -v OFS=, 'FNR == 1 { region++; if (NR == 1) print; next } { $3 = region - 1; print }' "$@" >"$merged"
}

count() { # $1 a record, $2 an outcome, or nothing for all
  awk -F, -v outcome="${2:-}" 'NR > 1 && (outcome == "" || $4 == outcome) { n++ } END { print n + 0 }' "$1"
}

# $1 a record: of every admitted request, when it was sent and completed, in seconds since the first was sent. Nanoseconds
# since 1970 have more digits than a double holds, so the whole seconds are subtracted first.
admitted_times() {
  awk -F, '
    function seconds(nanos) { return substr(nanos, 1, length(nanos) - 9) - origin + substr(nanos, length(nanos) - 8) / 1e9 }
    NR > 1 && $1 != "" {
      if (origin == "") origin = substr($1, 1, length($1) - 9)
      if ($4 == "200") printf "%.9f %.9f\n", seconds($1), seconds($2)
    }' "$1"
}

elapsed() { # $1 a record: seconds from the first request sent to the last completed
  awk -F, '
    function seconds(nanos) { return substr(nanos, 1, length(nanos) - 9) - origin + substr(nanos, length(nanos) - 8) / 1e9 }
    NR > 1 && $1 != "" {
      if (origin == "") { origin = substr($1, 1, length($1) - 9); first = seconds($1) }
      if (seconds($1) < first) first = seconds($1)
      if (seconds($2) > last) last = seconds($2)
    }
    END { printf "%.6f\n", last - first }' "$1"
}

# $1 a record: the most by which any interval breaks the limit of RATE and BURST, in tokens; at most 0 where it holds. A clock
# of a region may be fast by the part RHO, so the rate that no interval may exceed is RATE * (1 + RHO). Every admitted
# request costs one token: the tenants that are judged have that cost, and the load generator sends nothing twice, so no
# answer is a replay.
#
# A token was spent at an unknown instant between `sent` and `completed`. So whatever happened, a request was certainly
# admitted within [t0, t1] if sent >= t0 and completed <= t1, and the limit says for every pair t0 < t1
#
#     requests(sent >= t0, completed <= t1) <= burst + rate * (1 + rho) * (t1 - t0)
#
# The worst t0 is when a request was sent, the worst t1 when one was completed. Requests are taken in the order of their
# completion, t1; a tree over the instants sent, in order, holds for each t0 the value requests(sent >= t0) + rate * t0.
# Taking one in adds 1 to every t0 up to its own `sent`; a node keeps how many were taken below it and the largest value
# with only those counted, so the largest of all is at the root after log n steps: every pair of instants, in O(n log n).
largest_excess() {
  admitted_times "$1" | sort -g -k 1,1 | awk '{ print NR, $0 }' | sort -g -k 3,3 |
    awk -v rate="$(calculate "$RATE * (1 + ${RHO:-0})" %.9f)" -v burst="$BURST" '
      { place[NR] = $1; sent[NR] = $2; completed[NR] = $3 }
      END {
        for (leaves = 1; leaves < NR; leaves *= 2);
        for (i = 1; i < 2 * leaves; i++) { taken[i] = 0; largest[i] = -1e300 }
        excess = -burst
        for (k = 1; k <= NR; k++) {
          i = leaves + place[k] - 1
          taken[i] = 1
          largest[i] = rate * sent[k] + 1
          for (i = int(i / 2); i >= 1; i = int(i / 2)) {
            left = taken[2 * i + 1] + largest[2 * i]
            right = largest[2 * i + 1]
            taken[i] = taken[2 * i] + taken[2 * i + 1]
            largest[i] = left > right ? left : right
          }
          here = largest[1] - rate * completed[k] - burst
          if (here > excess) excess = here
        }
        printf "%.6f\n", excess
      }'
}

with_breach() { # $1 a record: the same with burst + 1 more requests admitted at one instant in its middle
  awk -F, -v OFS=, -v extra=$((BURST + 1)) '
    { line[NR] = $0 }
    NR > 1 && $4 == "200" { last[++n] = NR }
    END {
      if (n == 0) exit 1
      $0 = line[last[int((n + 1) / 2)]]
      $1 = $2
      for (j = 0; j < extra; j++) line[NR + 1 + j] = $0
      for (i = 1; i <= NR + extra; i++) print line[i]
    }' "$1"
}

one_pair_too_many() { # the check of all pairs on four requests that can be reckoned by hand, of a limit of 2 and 1/s
  printf 'sent_nanos,completed_nanos,url,outcome\n%s\n' "1000000000,1100000000,0,200" "1200000000,1300000000,0,200" \
    "2400000000,2500000000,0,200" "2600000000,2700000000,0,200" >"$PROOF_DIR/four.csv"
  # All four within [1.0, 2.7]: 4 - 2 - 1.7; the last two alone: 2 - 2 - 0.3.
  [ "$(RATE=1 BURST=2 RHO=0 largest_excess "$PROOF_DIR/four.csv")" = 0.300000 ] || fail "the check of all pairs is wrong"
  # A clock fast by a tenth: 4 - 2 - 1.1 * 1.7.
  [ "$(RATE=1 BURST=2 RHO=0.1 largest_excess "$PROOF_DIR/four.csv")" = 0.130000 ] || fail "the check of all pairs is wrong about rho"
}
