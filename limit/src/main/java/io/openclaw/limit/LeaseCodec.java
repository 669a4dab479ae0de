package io.openclaw.limit;

import io.openclaw.domain.WireException;
import io.openclaw.domain.WireReader;
import io.openclaw.domain.WireWriter;
import java.util.ArrayList;
import java.util.List;

/** The bytes of a {@link LeaseMessage}: a type, then its members in order. */
final class LeaseCodec {
  private static final byte BEAT = 1;
  private static final byte CLAIMS = 2;
  private static final byte ACK = 3;
  private static final byte DENIALS = 4;

  /** The most bytes of a limit's name, its length with it. */
  static final int LIMIT_BYTES_MAX = 512;

  /** The most bytes of a message before its changes. */
  static final int HEAD_BYTES_MAX = 64;

  private static final int SMALL_BYTES_MAX = 4;

  private final int regions;
  private final int words;

  LeaseCodec(BlockMap map) {
    regions = map.size();
    words = map.none().words();
  }

  byte[] write(LeaseMessage message) {
    WireWriter out = new WireWriter(64);
    switch (message) {
      case LeaseMessage.Beat beat -> {
        out.put(BEAT);
        out.varint(beat.configuration());
        out.varint(beat.seq());
        out.fixed(beat.sendNanos());
        out.varint(beat.stands().size());
        for (LeaseMessage.Stand stand : beat.stands()) {
          out.varint(stand.group());
          out.varint(stand.tenure());
        }
        out.varint(beat.voterIncarnation());
        out.varint(beat.knownDenials());
      }
      case LeaseMessage.Claims claims -> {
        out.put(CLAIMS);
        range(out, claims.from(), claims.to(), claims.changes().size());
        for (LeaseMessage.Change<LeaseMessage.Claim> change : claims.changes()) {
          out.string(change.limit());
          claim(out, change.value());
        }
      }
      case LeaseMessage.Ack ack -> {
        out.put(ACK);
        out.varint(ack.holderIncarnation());
        out.varint(ack.beatSeq());
        out.fixed(ack.sendNanos());
        out.put((byte) (ack.granting() ? 1 : 0));
        out.varint(ack.known());
        out.varint(ack.denials());
        out.varint(ack.groups().size());
        ack.groups().forEach(out::varint);
      }
      case LeaseMessage.Denials denials -> {
        out.put(DENIALS);
        out.varint(denials.holderIncarnation());
        range(out, denials.from(), denials.to(), denials.changes().size());
        for (LeaseMessage.Change<Blocks> change : denials.changes()) {
          out.string(change.limit());
          blocks(out, change.value());
        }
      }
    }
    return out.bytes();
  }

  /** The most bytes that a claim takes. */
  int claimBytesMax(LeaseMessage.Claim claim) {
    int bytes = SMALL_BYTES_MAX + blocksBytesMax(claim.less()) + blocksBytesMax(claim.plus());
    for (LeaseMessage.Give give : claim.gives()) {
      bytes += SMALL_BYTES_MAX + blocksBytesMax(give.blocks());
    }
    return bytes;
  }

  /** The most bytes that a set of blocks takes. */
  int blocksBytesMax(Blocks blocks) {
    return blocks.isEmpty() ? 1 : 1 + Long.BYTES * words;
  }

  private static void range(WireWriter out, long from, long to, int count) {
    out.varint(from);
    out.varint(to);
    out.varint(count);
  }

  private void claim(WireWriter out, LeaseMessage.Claim claim) {
    blocks(out, claim.less());
    blocks(out, claim.plus());
    out.varint(claim.gives().size());
    for (LeaseMessage.Give give : claim.gives()) {
      out.varint(give.to());
      blocks(out, give.blocks());
    }
  }

  /** Empty sets are frequent: one byte tells them. */
  private void blocks(WireWriter out, Blocks blocks) {
    if (blocks.isEmpty()) {
      out.put((byte) 0);
      return;
    }
    out.put((byte) 1);
    for (int i = 0; i < words; i++) {
      out.fixed(blocks.word(i));
    }
  }

  LeaseMessage read(byte[] bytes) throws WireException {
    WireReader in = new WireReader(bytes);
    byte type = in.next();
    LeaseMessage message =
        switch (type) {
          case BEAT -> beat(in);
          case CLAIMS -> claims(in);
          case ACK -> ack(in);
          case DENIALS -> denials(in);
          default -> throw new WireException("unknown type of lease message " + type);
        };
    in.end();
    return message;
  }

  private LeaseMessage.Beat beat(WireReader in) throws WireException {
    long configuration = in.positive("configuration");
    long seq = in.positive("beat");
    long sendNanos = in.fixed();
    int count = in.atMost("stands", regions);
    List<LeaseMessage.Stand> stands = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      stands.add(new LeaseMessage.Stand(region(in), in.positive("tenure")));
    }
    return new LeaseMessage.Beat(configuration, seq, sendNanos, stands, in.varint(), in.varint());
  }

  private LeaseMessage.Claims claims(WireReader in) throws WireException {
    long from = in.varint();
    long to = to(in, from);
    int count = in.atMost("changes", LeaseMessage.CHANGES_MAX);
    List<LeaseMessage.Change<LeaseMessage.Claim>> changes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      changes.add(new LeaseMessage.Change<>(in.string(LIMIT_BYTES_MAX), claim(in)));
    }
    return new LeaseMessage.Claims(from, to, changes);
  }

  private LeaseMessage.Claim claim(WireReader in) throws WireException {
    Blocks less = blocks(in);
    Blocks plus = blocks(in);
    int count = in.atMost("gives", regions);
    List<LeaseMessage.Give> gives = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      gives.add(new LeaseMessage.Give(region(in), blocks(in)));
    }
    return new LeaseMessage.Claim(less, plus, gives);
  }

  private LeaseMessage.Ack ack(WireReader in) throws WireException {
    long holder = in.positive("incarnation");
    long seq = in.positive("beat");
    long sendNanos = in.fixed();
    byte granting = in.next();
    if (granting != 0 && granting != 1) {
      throw new WireException("neither yes nor no");
    }
    long known = in.varint();
    long denials = in.varint();
    int count = in.atMost("groups", regions);
    List<Integer> groups = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      groups.add(region(in));
    }
    return new LeaseMessage.Ack(holder, seq, sendNanos, granting == 1, known, denials, groups);
  }

  private LeaseMessage.Denials denials(WireReader in) throws WireException {
    long holder = in.positive("incarnation");
    long from = in.varint();
    long to = to(in, from);
    int count = in.atMost("changes", LeaseMessage.CHANGES_MAX);
    List<LeaseMessage.Change<Blocks>> changes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      changes.add(new LeaseMessage.Change<>(in.string(LIMIT_BYTES_MAX), blocks(in)));
    }
    return new LeaseMessage.Denials(holder, from, to, changes);
  }

  private static long to(WireReader in, long from) throws WireException {
    long to = in.varint();
    if (to <= from) {
      throw new WireException("a delta that goes nowhere");
    }
    return to;
  }

  private int region(WireReader in) throws WireException {
    return in.atMost("regions", regions - 1);
  }

  private Blocks blocks(WireReader in) throws WireException {
    byte some = in.next();
    if (some != 0 && some != 1) {
      throw new WireException("neither some blocks nor none");
    }
    long[] set = new long[words];
    for (int i = 0; some == 1 && i < words; i++) {
      set[i] = in.fixed();
    }
    return Blocks.of(set);
  }
}
