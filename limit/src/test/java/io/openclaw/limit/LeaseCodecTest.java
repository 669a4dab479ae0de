package io.openclaw.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.WireException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LeaseCodecTest {
  private static final int REGIONS = 12;
  private static final int MUTATIONS = 100_000;
  private final BlockMap map = new BlockMap(BlocksTest.regions(REGIONS));
  private final LeaseCodec codec = new LeaseCodec(map);

  @Test
  void every_message_is_read_as_it_was_written() throws WireException {
    for (long seed = 1; seed <= 2_000; seed++) {
      LeaseMessage message = random(new SplittableRandom(seed));
      assertThat(codec.read(codec.write(message))).as("seed %d", seed).isEqualTo(message);
    }
  }

  @Test
  void every_truncation_and_every_appended_byte_is_refused() {
    for (long seed = 1; seed <= 60; seed++) {
      byte[] bytes = codec.write(random(new SplittableRandom(seed)));
      for (int length = 0; length < bytes.length; length++) {
        byte[] cut = Arrays.copyOf(bytes, length);
        assertThatThrownBy(() -> codec.read(cut)).isInstanceOf(WireException.class);
      }
      assertThatThrownBy(() -> codec.read(Arrays.copyOf(bytes, bytes.length + 1)))
          .isInstanceOf(WireException.class);
    }
  }

  @Test
  void mutated_bytes_are_read_or_refused_and_what_is_read_is_in_range() {
    int read = 0;
    for (long seed = 1; seed <= MUTATIONS; seed++) {
      RandomGenerator random = new SplittableRandom(seed);
      byte[] bytes = codec.write(random(new SplittableRandom(seed % 500)));
      for (int i = random.nextInt(1, 5); i > 0; i--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      try {
        check(codec.read(bytes));
        read++;
      } catch (WireException e) {
        assertThat(e.reason()).isNotEmpty();
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    assertThat(read).as("some mutations are messages").isBetween(1, MUTATIONS - 1);
  }

  @Test
  void a_count_that_promises_more_than_there_is_takes_no_memory() {
    byte[] bytes = {2, 0, 1, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f};
    assertThatThrownBy(() -> codec.read(bytes)).isInstanceOf(WireException.class);
    byte[] some = {2, 0, 1, (byte) 0x80, 2};
    assertThatThrownBy(() -> codec.read(some)).isInstanceOf(WireException.class);
  }

  private static void check(LeaseMessage message) {
    switch (message) {
      case LeaseMessage.Beat beat -> {
        assertThat(beat.seq()).isPositive();
        beat.stands().forEach(s -> assertThat(s.group()).isBetween(0, REGIONS - 1));
        beat.stands().forEach(s -> assertThat(s.tenure()).isPositive());
      }
      case LeaseMessage.Claims claims -> {
        assertThat(claims.from()).isNotNegative().isLessThan(claims.to());
        for (LeaseMessage.Change<LeaseMessage.Claim> change : claims.changes()) {
          change.value().gives().forEach(g -> assertThat(g.to()).isBetween(0, REGIONS - 1));
        }
      }
      case LeaseMessage.Ack ack ->
          ack.groups().forEach(g -> assertThat(g).isBetween(0, REGIONS - 1));
      case LeaseMessage.Denials denials ->
          assertThat(denials.from()).isNotNegative().isLessThan(denials.to());
    }
  }

  private LeaseMessage random(RandomGenerator random) {
    return switch (random.nextInt(4)) {
      case 0 ->
          new LeaseMessage.Beat(
              positive(random),
              positive(random),
              random.nextLong(),
              stands(random),
              positive(random) - 1,
              positive(random) - 1);
      case 1 -> {
        long from = positive(random) / 2;
        List<LeaseMessage.Change<LeaseMessage.Claim>> changes = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
          changes.add(new LeaseMessage.Change<>(limit(random), claim(random)));
        }
        yield new LeaseMessage.Claims(from, from + 1 + random.nextInt(9), changes);
      }
      case 2 ->
          new LeaseMessage.Ack(
              positive(random),
              positive(random),
              random.nextLong(),
              random.nextBoolean(),
              positive(random) - 1,
              positive(random) - 1,
              random.ints(random.nextInt(REGIONS + 1), 0, REGIONS).boxed().toList());
      default -> {
        long from = positive(random) / 2;
        List<LeaseMessage.Change<Blocks>> changes = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
          changes.add(new LeaseMessage.Change<>(limit(random), blocks(random)));
        }
        yield new LeaseMessage.Denials(
            positive(random), from, from + 1 + random.nextInt(9), changes);
      }
    };
  }

  private static long positive(RandomGenerator random) {
    return 1 + (random.nextLong() >>> random.nextInt(2, 64));
  }

  private static List<LeaseMessage.Stand> stands(RandomGenerator random) {
    return IntStream.range(0, random.nextInt(REGIONS + 1))
        .mapToObj(group -> new LeaseMessage.Stand(group, positive(random)))
        .toList();
  }

  private static String limit(RandomGenerator random) {
    return "key/ü" + random.nextInt(1_000_000);
  }

  private LeaseMessage.Claim claim(RandomGenerator random) {
    List<LeaseMessage.Give> gives = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      gives.add(new LeaseMessage.Give(random.nextInt(REGIONS), blocks(random)));
    }
    return new LeaseMessage.Claim(blocks(random), blocks(random), gives);
  }

  private Blocks blocks(RandomGenerator random) {
    return random.nextInt(3) == 0
        ? map.none()
        : BlocksTest.blocks(BlocksTest.bits(random, map.blocks()), map.blocks());
  }
}
