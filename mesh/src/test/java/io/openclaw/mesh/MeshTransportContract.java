package io.openclaw.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** What every {@link MeshTransport} promises; each one's tests extend this. */
public abstract class MeshTransportContract {
  /** More than any transport may take without letting its thread go on. */
  private static final long TAKEN_BYTES_MAX = 64L << 20;

  /** Hears what a transport says, and whether it speaks while it is spoken to. */
  public static final class Heard implements MeshTransport.Listener {
    public final List<String> events = new ArrayList<>();
    public final List<byte[]> frames = new ArrayList<>();
    public boolean busy;
    public boolean calledWhileBusy;

    @Override
    public synchronized void connected(String peer) {
      calledWhileBusy |= busy;
      events.add("connected " + peer);
    }

    @Override
    public synchronized void disconnected(String peer) {
      calledWhileBusy |= busy;
      events.add("disconnected " + peer);
    }

    @Override
    public synchronized void received(String peer, byte[] frame) {
      calledWhileBusy |= busy;
      frames.add(frame);
    }

    synchronized int count(String event) {
      return (int) events.stream().filter(event::equals).count();
    }

    synchronized List<byte[]> frames() {
      return List.copyOf(frames);
    }

    synchronized boolean calledWhileBusy() {
      return calledWhileBusy;
    }
  }

  /** Two nodes, {@code a} and {@code b}, dialling each other; {@code a}'s transport is returned. */
  protected abstract MeshTransport open(Heard a, Heard b) throws Exception;

  /** Runs on the transports' thread and waits for the end. */
  protected abstract void onThread(Runnable action) throws Exception;

  /** Lets time pass until the condition holds; false where it does not within some seconds. */
  protected abstract boolean eventually(BooleanSupplier condition) throws Exception;

  private final Heard a = new Heard();
  private final Heard b = new Heard();

  private MeshTransport connected() throws Exception {
    MeshTransport transport = open(a, b);
    assertThat(eventually(() -> a.count("connected b") == 1 && b.count("connected a") == 1))
        .isTrue();
    return transport;
  }

  @Test
  void frames_of_every_size_arrive_whole_and_in_order() throws Exception {
    MeshTransport transport = connected();
    List<byte[]> sent = new ArrayList<>();
    for (int size : new int[] {1, 2, 100, 16_384, MeshTransport.FRAME_BYTES_MAX, 3}) {
      byte[] frame = new byte[size];
      Arrays.fill(frame, (byte) size);
      sent.add(frame);
    }
    for (byte[] frame : sent) {
      assertThat(eventually(() -> sends(transport, frame))).isTrue();
    }
    assertThat(eventually(() -> b.frames().size() == sent.size())).isTrue();
    for (int i = 0; i < sent.size(); i++) {
      assertThat(b.frames().get(i)).isEqualTo(sent.get(i));
    }
  }

  @Test
  void nothing_is_sent_to_a_peer_without_a_stream() throws Exception {
    MeshTransport transport = connected();
    boolean[] accepted = new boolean[1];
    onThread(() -> accepted[0] = transport.send("stranger", new byte[1]));
    assertThat(accepted[0]).isFalse();
  }

  @Test
  void a_full_stream_takes_no_more_until_it_has_drained() throws Exception {
    MeshTransport transport = connected();
    byte[] frame = new byte[MeshTransport.FRAME_BYTES_MAX];
    long[] taken = new long[1];
    onThread(
        () -> {
          while (taken[0] < TAKEN_BYTES_MAX && transport.send("b", frame)) {
            taken[0] += frame.length;
          }
        });
    assertThat(taken[0]).isPositive().isLessThan(TAKEN_BYTES_MAX);
    assertThat(eventually(() -> b.frames().size() == taken[0] / frame.length)).isTrue();
    assertThat(eventually(() -> sends(transport, frame))).isTrue();
  }

  private boolean sends(MeshTransport transport, byte[] frame) {
    boolean[] accepted = new boolean[1];
    try {
      onThread(() -> accepted[0] = transport.send("b", frame));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    return accepted[0];
  }

  @Test
  void a_redial_ends_both_streams_and_opens_new_ones() throws Exception {
    MeshTransport transport = connected();
    onThread(() -> transport.redial("b"));
    assertThat(
            eventually(
                () ->
                    a.count("disconnected b") >= 1
                        && b.count("disconnected a") >= 1
                        && a.count("connected b") >= 2
                        && b.count("connected a") >= 2))
        .isTrue();
    assertThat(eventually(() -> sends(transport, new byte[] {7}))).isTrue();
    assertThat(eventually(() -> !b.frames().isEmpty())).isTrue();
  }

  @Test
  void the_listener_is_never_called_from_within_send_or_redial() throws Exception {
    MeshTransport transport = connected();
    onThread(
        () -> {
          a.busy = true;
          transport.send("b", new byte[1]);
          transport.redial("b");
          transport.send("b", new byte[1]);
          transport.redial("b");
          a.busy = false;
        });
    assertThat(eventually(() -> a.count("connected b") >= 2)).isTrue();
    assertThat(a.calledWhileBusy()).isFalse();
  }
}
