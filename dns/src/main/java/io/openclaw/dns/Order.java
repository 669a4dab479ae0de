package io.openclaw.dns;

/** Which of the regions that are up comes first, where no network decides. */
public enum Order {
  /** Drawn at random, by their weights. */
  WEIGHTED,
  /** The lowest average latency of the probes; those within 25 % and 1 ms of it share. */
  LATENCY,
  /** The first as they are listed. */
  LISTED
}
