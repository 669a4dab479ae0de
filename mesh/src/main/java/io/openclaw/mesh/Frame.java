package io.openclaw.mesh;

import io.openclaw.domain.Fact;
import java.util.List;

/**
 * One message between two nodes.
 *
 * <p>On the wire: version byte, type byte, the sender's incarnation and stream (varints), then the
 * members in order. Numbers are varints (7 bits a byte, least first), clock values and counts of
 * facts fixed and big-endian, strings UTF-8 with their length before them.
 */
sealed interface Frame {
  /** The only version there is. */
  byte VERSION = 1;

  byte HELLO = 1;
  byte HEARTBEAT = 2;
  byte FACTS = 3;
  byte MESSAGE = 4;

  int DIGEST_BYTES = 32;

  /** The longest string, in bytes. */
  int STRING_BYTES_MAX = 1024;

  /** The most names a stream has numbers for; further ones are written out each time. */
  int DICTIONARY_MAX = 1 << 17;

  /** The most facts in one frame. */
  int FACTS_MAX = 16_384;

  /** The most values of one count. */
  int VALUES_MAX = 1024;

  /** The largest document in a register, in bytes. */
  int REGISTER_BYTES_MAX = 48 * 1024;

  /**
   * What every frame begins with.
   *
   * @param incarnation which life of the sender
   * @param stream which of its streams to the receiver; greater ones are newer
   */
  record Head(byte type, long incarnation, long stream) {}

  /** The first frame of a stream, repeated until a heartbeat acknowledges the stream. */
  @SuppressWarnings("ArrayRecordComponent") // handed over and never changed
  record Hello(String region, byte[] regionsDigest) implements Frame {}

  /**
   * A sign of life, and what was last heard in the other direction.
   *
   * @param seq 1, 2, 3 … within the sender's incarnation
   * @param sendNanos the sender's clock
   * @param factsSent the number of the last frame of facts sent on this stream; 0 for none
   * @param ackIncarnation the receiver's incarnation, as known to the sender; 0 for none
   * @param ackStream its newest stream
   * @param missed how many frames and facts of that stream did not arrive or could not be read
   * @param ackSeq its newest heartbeat; 0 for none
   * @param ackNanos the send time that heartbeat carried
   */
  record Heartbeat(
      long seq,
      long sendNanos,
      long factsSent,
      long ackIncarnation,
      long ackStream,
      long missed,
      long ackSeq,
      long ackNanos)
      implements Frame {}

  /**
   * Facts, cumulative, in any order.
   *
   * @param number 1, 2, 3 … within the stream
   * @param facts those that could be read
   * @param unresolved how many use a name whose number was never explained
   */
  record Facts(long number, List<Fact> facts, int unresolved) implements Frame {}
}
