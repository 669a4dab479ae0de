package io.openclaw.dns;

import java.util.random.RandomGenerator;

/** What one thread answers with: its buffers, the query in hand, its source of randomness. */
public final class Workspace {
  /** A larger query is malformed: nothing that may be asked here needs a tenth of it. */
  public static final int QUERY_BYTES_MAX = 4096;

  /** The largest answer there is: over TCP. */
  public static final int ANSWER_BYTES_MAX = 8192;

  private static final int SCRATCH_BYTES = 32;

  /** The query's packet; one byte more, to see that a packet was larger. */
  public final byte[] in = new byte[QUERY_BYTES_MAX + 1];

  /** The answer. */
  public final byte[] out = new byte[ANSWER_BYTES_MAX];

  final Query query = new Query();
  final ReplyWriter writer = new ReplyWriter();
  final int[] chosen = new int[ZoneSettings.ANSWERS_MAX];
  final byte[] scratch = new byte[SCRATCH_BYTES];
  final RandomGenerator random;

  public Workspace(RandomGenerator random) {
    this.random = random;
  }
}
