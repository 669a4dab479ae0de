package io.openclaw.router;

/** Why a refused request was tried in another region, as the one that refused it asked for. */
public enum DivertReason {
  /** A limit is exhausted there, and another region has a part of it. */
  LIMIT,
  /** The region has more to do than it can. */
  OVERLOAD
}
