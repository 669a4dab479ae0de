package io.openclaw.domain;

/**
 * One replicated statement that only ever grows, so that a lost, late, repeated or reordered copy
 * of it does no harm.
 *
 * <p>The arrays are handed over and never changed again; equality is that of references.
 *
 * <p>Facts are told by one writer and merged by everybody; they inform, and grant no right, apart
 * from gifts between quotas' ledgers, which are on the writer's disk before they are told.
 */
@SuppressWarnings(
    "ArrayRecordComponent") // see above: copying each would cost more than it protects
public sealed interface Fact {
  /** The table it belongs to, for example {@code limits}. */
  String table();

  /** What it is about, for example {@code tenant/credit}. */
  String key();

  /**
   * Cumulative counts of one writer; merged element by element, the larger one wins.
   *
   * @param values each 0 or greater; two copies may differ in length, a missing element is 0
   */
  record Count(String table, String key, String writer, long[] values) implements Fact {}

  /**
   * A document with a version; the higher version wins, and among equal versions the larger bytes
   * (unsigned order).
   *
   * @param version greater than zero
   */
  record Register(String table, String key, long version, byte[] value) implements Fact {}
}
