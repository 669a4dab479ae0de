package io.openclaw.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.mesh.MeshTransport;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class PeersFramesTest {
  @Test
  void frames_are_found_however_the_bytes_are_cut() {
    long seed = 7;
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      List<byte[]> sent = new ArrayList<>();
      Buffer bytes = Buffer.buffer();
      for (int i = random.nextInt(10); i >= 0; i--) {
        byte[] frame = new byte[1 + random.nextInt(i == 0 ? 40_000 : 10)];
        random.nextBytes(frame);
        sent.add(frame);
        bytes.appendBuffer(PeersFrames.encode(frame));
      }
      List<byte[]> found = new ArrayList<>();
      PeersFrames frames = new PeersFrames(found::add);
      for (int at = 0; at < bytes.length(); ) {
        int end = Math.min(bytes.length(), at + 1 + random.nextInt(random.nextInt(5000) + 1));
        assertThat(frames.take(bytes.getBuffer(at, end))).isTrue();
        at = end;
      }
      assertThat(found).as("seed %d round %d", seed, round).hasSameSizeAs(sent);
      for (int i = 0; i < sent.size(); i++) {
        assertThat(found.get(i)).isEqualTo(sent.get(i));
      }
    }
  }

  @Test
  void lengths_of_zero_or_beyond_the_limit_end_the_stream() {
    for (int length : new int[] {0, -1, Integer.MIN_VALUE, MeshTransport.FRAME_BYTES_MAX + 1}) {
      PeersFrames frames = new PeersFrames(frame -> {});
      assertThat(frames.take(Buffer.buffer().appendInt(length))).isFalse();
    }
    PeersFrames frames = new PeersFrames(frame -> {});
    assertThat(frames.take(Buffer.buffer().appendInt(MeshTransport.FRAME_BYTES_MAX))).isTrue();
  }
}
