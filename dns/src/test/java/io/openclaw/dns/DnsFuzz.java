package io.openclaw.dns;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Random and mutated packets against a responder: in this JVM, where every answer is read by a
 * second reader and held to the rules, or over UDP. Seeded.
 */
final class DnsFuzz {
  private static final long NANOS_MAX = 1_000_000_000L;
  private static final long BYTES_PER_PACKET_MAX = 4096;
  private static final int PACKETS_MIN = 100_000;

  /** What came of a run. */
  record Report(long packets, long answered, long formatErrors, long dropped, long bytesEach) {}

  /** What is held against what is promised: a query in, an answer out, empty for none. */
  interface Subject {
    byte[] answer(byte[] query, boolean tcp);
  }

  private final SplittableRandom random;
  private final List<byte[]> corpus =
      List.of(
          Packet.of("rate.example", 1).bytes(),
          Packet.of("api.RATE.example", 28).edns(1232).subnet(1, 24, "c63364").bytes(),
          Packet.of("rate.example", 65).edns(4096).option(10, "0011223344556677").bytes(),
          Packet.of("x.rate.example", 255).edns(512).dnssecOk().bytes(),
          Packet.of("rate.example", 251).record(true, "c00c", 6, "c00cc00c").bytes(),
          Packet.of("_status.rate.example", 16).edns(1232).option(3, "").bytes(),
          Packet.of("rate.example", 2).edns(1232).subnet(2, 56, "20010db8000500").bytes(),
          Packet.of("a.".repeat(100) + "rate.example", 1).edns(1232).bytes(),
          new Packet().question("", 6, 1).bytes(),
          new Packet().option(10, "0011223344556677").bytes());

  DnsFuzz(SplittableRandom random) {
    this.random = random;
  }

  Report run(double seconds, Subject subject) {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    long packets = 0;
    long answered = 0;
    long formatErrors = 0;
    long before = allocated();
    while (System.nanoTime() < end) {
      byte[] query = next();
      boolean tcp = random.nextInt(4) == 0;
      packets++;
      long start = System.nanoTime();
      byte[] answer;
      try {
        answer = subject.answer(query, tcp);
        check(query, answer, tcp);
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
        throw new AssertionError("packet " + packets + " " + HexFormat.of().formatHex(query), e);
      }
      if (System.nanoTime() - start > NANOS_MAX) {
        throw new AssertionError("slow: packet " + packets + " " + HexFormat.of().formatHex(query));
      }
      answered += answer.length > 0 ? 1 : 0;
      formatErrors += answer.length > 0 && (answer[3] & 0xF) == Rcode.FORMERR ? 1 : 0;
    }
    long each = (allocated() - before) / Math.max(1, packets);
    if (packets > PACKETS_MIN
        && each > 4 * BYTES_PER_PACKET_MAX) { // of which most is this fuzzer's
      throw new AssertionError(each + " bytes allocated per packet");
    }
    return new Report(packets, answered, formatErrors, packets - answered, each);
  }

  private static long allocated() {
    return java.lang.management.ManagementFactory.getThreadMXBean()
            instanceof com.sun.management.ThreadMXBean bean
        ? bean.getCurrentThreadAllocatedBytes()
        : 0;
  }

  /** What is true of every answer, whatever was asked. */
  static void check(byte[] query, byte[] answer, boolean tcp) {
    boolean isQuery = query.length >= Query.HEADER_BYTES && (query[2] & 0x80) == 0;
    if (answer.length == 0) {
      require(!isQuery || query.length > Workspace.QUERY_BYTES_MAX, "a query had no answer");
      return;
    }
    require(isQuery, "an answer to no query");
    Reply reply = Reply.read(answer);
    require((answer[2] & 0x80) != 0, "QR is not set");
    require(answer[0] == query[0] && answer[1] == query[1], "another id");
    require(!reply.recursionAvailable(), "RA is set");
    require(tcp || answer.length <= Responder.UDP_BYTES_MAX, "larger than a datagram may be");
    require(!tcp || !reply.truncated(), "truncated over TCP");
    require(reply.questions().size() <= 1, "questions");
    boolean ours =
        !reply.questions().isEmpty()
            && reply
                .questions()
                .getFirst()
                .toLowerCase(java.util.Locale.ROOT)
                .contains("rate.example ");
    require(ours || reply.answers().isEmpty(), "an answer for another's zone");
    int rcode = reply.rcode();
    require(rcode == 0 || reply.answers().isEmpty(), "an error with answers");
    require(
        !reply.questions().isEmpty()
            || rcode == Rcode.FORMERR
            || rcode == Rcode.NOTIMP
            || hasCookie(reply),
        "rcode " + rcode + " without a question");
    if (!reply.questions().isEmpty()) {
      int end = Math.min(query.length, answer.length);
      int mismatch = Arrays.mismatch(query, 12, end, answer, 12, end);
      require(mismatch < 0 || mismatch >= 5, "another question");
    }
  }

  private static boolean hasCookie(Reply reply) {
    return reply.additionals().size() == 1 && reply.opt().data().contains("000a0018");
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException(what);
    }
  }

  byte[] next() {
    if (random.nextInt(10) == 0) {
      byte[] noise = new byte[random.nextInt(600)];
      random.nextBytes(noise);
      if (noise.length > 5) {
        noise[2] &= 0x07; // or nearly all would be answers, or of another opcode
        noise[4] = 0;
        noise[5] = 1;
      }
      return noise;
    }
    return mutated(corpus.get(random.nextInt(corpus.size())));
  }

  private byte[] mutated(byte[] original) {
    byte[] bytes = original.clone();
    for (int i = random.nextInt(4); i > 0 && bytes.length > 1; i--) {
      int at = random.nextInt(bytes.length);
      int length = random.nextInt(1, 1 + Math.min(32, bytes.length - at));
      switch (random.nextInt(7)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> bytes = Arrays.copyOf(bytes, at + 1);
        case 3 -> bytes = Arrays.copyOf(bytes, bytes.length + random.nextInt(1, 64));
        case 4 -> { // some bytes over others
          int from = random.nextInt(bytes.length - length + 1);
          System.arraycopy(bytes, from, bytes, at, length);
        }
        case 5 -> { // a pointer
          bytes[at] = (byte) (0xC0 | random.nextInt(2));
          bytes[Math.min(at + 1, bytes.length - 1)] = (byte) random.nextInt(bytes.length);
        }
        default -> Arrays.fill(bytes, at, at + Math.min(length, 9), (byte) 0xFF);
      }
    }
    return bytes;
  }

  /** Sends packets to a server and reads what comes; how many went and came. */
  private String over(double seconds, InetSocketAddress server) throws IOException {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    long sent = 0;
    long came = 0;
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(server);
      socket.setSoTimeout(1);
      DatagramPacket answer = new DatagramPacket(new byte[65_535], 65_535);
      while (System.nanoTime() < end) {
        for (int i = 0; i < 32; i++) {
          byte[] query = next();
          socket.send(new DatagramPacket(query, query.length));
          sent++;
        }
        try {
          while (true) {
            socket.receive(answer);
            came++;
          }
        } catch (SocketTimeoutException e) {
          // no more for now
        }
      }
    }
    return "sent " + sent + " answered " + came;
  }

  public static void main(String[] arguments) throws IOException {
    if (arguments.length < 2 || arguments[0].equals("--help")) {
      System.out.println(
          "DnsFuzz SECONDS SEED [ADDRESS PORT]: against a responder in this JVM, or over UDP");
      return;
    }
    double seconds = Double.parseDouble(arguments[0]);
    DnsFuzz fuzz = new DnsFuzz(new SplittableRandom(Long.parseLong(arguments[1])));
    if (arguments.length > 3) {
      InetAddress address = InetAddress.ofLiteral(arguments[2]);
      int port = Integer.parseInt(arguments[3]);
      System.out.println(fuzz.over(seconds, new InetSocketAddress(address, port)));
      return;
    }
    TestZone zone = new TestZone();
    System.out.println(fuzz.run(seconds, (query, tcp) -> zone.raw(query, TestZone.CLIENT, tcp)));
  }
}
