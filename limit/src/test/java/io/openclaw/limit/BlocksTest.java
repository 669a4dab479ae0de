package io.openclaw.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Sets of blocks, against {@link BitSet}, and how a limit is divided. */
class BlocksTest {
  @Test
  void sets_agree_with_the_jdks() {
    for (long seed = 1; seed <= 500; seed++) {
      RandomGenerator random = new SplittableRandom(seed);
      int count = 64 * random.nextInt(1, 6);
      BitSet a = bits(random, count);
      BitSet b = bits(random, count);
      Blocks x = blocks(a, count);
      Blocks y = blocks(b, count);
      BitSet or = (BitSet) a.clone();
      or.or(b);
      BitSet and = (BitSet) a.clone();
      and.and(b);
      BitSet minus = (BitSet) a.clone();
      minus.andNot(b);
      assertThat(x.or(y)).as("seed %d", seed).isEqualTo(blocks(or, count));
      assertThat(x.and(y)).as("seed %d", seed).isEqualTo(blocks(and, count));
      assertThat(x.minus(y)).as("seed %d", seed).isEqualTo(blocks(minus, count));
      assertThat(x.count()).as("seed %d", seed).isEqualTo(a.cardinality());
      assertThat(x.isEmpty()).as("seed %d", seed).isEqualTo(a.isEmpty());
      int few = random.nextInt(0, count + 2);
      int[] first = a.stream().limit(few).toArray();
      assertThat(IntStream.range(0, count).filter(x.first(few)::has).toArray())
          .as("seed %d, first %d", seed, few)
          .isEqualTo(first);
    }
  }

  @Test
  void a_set_does_not_change_with_the_words_it_was_made_of() {
    long[] words = {5};
    Blocks blocks = Blocks.of(words);
    words[0] = 0;
    assertThat(blocks).hasToString("{0 2}");
  }

  @Test
  void default_blocks_are_each_one_regions_whatever_the_offset() {
    for (int size = 1; size <= 300; size++) {
      BlockMap map = new BlockMap(regions(size));
      int least = map.blocks() / size;
      assertThat(map.blocks()).isGreaterThanOrEqualTo(Math.max(64, 8 * size));
      for (int offset = 0; offset < size; offset += Math.max(1, size / 7)) {
        Blocks all = map.none();
        int sum = 0;
        for (int region = 0; region < size; region++) {
          Blocks its = map.defaults(offset, region);
          assertThat(its.count()).isBetween(least, least + 1);
          all = all.or(its);
          sum += its.count();
        }
        assertThat(sum).as("%d regions: none twice", size).isEqualTo(map.blocks());
        assertThat(all.count()).as("%d regions: none left over", size).isEqualTo(map.blocks());
      }
    }
  }

  @Test
  void every_region_is_once_in_the_order_of_every_group() {
    BlockMap map = new BlockMap(regions(7));
    for (int group = 0; group < 7; group++) {
      int of = group;
      assertThat(map.heir(group, 0)).isEqualTo(group);
      assertThat(IntStream.range(0, 7).map(place -> map.heir(of, place)).boxed().toList())
          .containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6);
    }
  }

  @Test
  void the_odd_blocks_of_many_limits_are_spread_over_the_regions() {
    BlockMap map = new BlockMap(regions(3)); // 64 = 22 + 21 + 21
    int[] odd = new int[3];
    for (int limit = 0; limit < 3_000; limit++) {
      for (int region = 0; region < 3; region++) {
        odd[region] += map.defaults(map.offset("key/" + limit), region).count() - 21;
      }
    }
    assertThat(IntStream.of(odd).boxed())
        .allSatisfy(count -> assertThat(count).isBetween(850, 1150));
  }

  static List<String> regions(int size) {
    return IntStream.range(0, size).mapToObj("r%03d"::formatted).toList();
  }

  static Blocks blocks(BitSet bits, int count) {
    long[] words = new long[count / 64];
    bits.stream().forEach(bit -> words[bit >>> 6] |= 1L << bit);
    return Blocks.of(words);
  }

  static BitSet bits(RandomGenerator random, int count) {
    BitSet bits = new BitSet(count);
    double density = random.nextDouble();
    for (int bit = 0; bit < count; bit++) {
      bits.set(bit, random.nextDouble() < density);
    }
    return bits;
  }
}
