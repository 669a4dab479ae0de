package io.openclaw.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.LimitSpec;
import java.math.BigInteger;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** However the blocks are divided, the parts of all regions together are at most the limit. */
class ShapeTest {
  @Test
  void the_parts_of_all_regions_never_exceed_the_whole() {
    for (long seed = 1; seed <= 3_000; seed++) {
      assertThat(fault(seed, 0)).as("seed %d", seed).isNull();
    }
  }

  @Test
  void one_block_too_many_is_noticed() {
    int found = 0;
    for (long seed = 1; seed <= 300; seed++) {
      found += fault(seed, 1) == null ? 0 : 1;
    }
    assertThat(found)
        .isGreaterThan(250); // not where the floor is all, and blocks are worth nothing
  }

  @Test
  void the_largest_rate_and_burst_can_be_divided_by_any_fleet_and_floor() {
    Shape.Key most =
        new Shape.Key(LimitSpec.RATE_MAX * 1000, LimitSpec.BURST_MAX, LimitSpec.BURST_MAX);
    for (int regions = 1; regions <= 60; regions++) {
      BlockMap map = new BlockMap(BlocksTest.regions(regions));
      for (int floorPpm : new int[] {0, 1, 12_345, 30_000, 999_983, 1_000_000}) {
        Shape shape = new Shape(most, map, floorPpm);
        Accrual whole = shape.accrual(Shape.whole(map));
        assertThat(whole.whole()).isEqualTo(LimitSpec.RATE_MAX);
        for (int blocks = 0; blocks <= map.blocks(); blocks += 7) {
          Accrual part = shape.accrual(blocks);
          assertThat(part.whole()).isBetween(0L, LimitSpec.RATE_MAX);
          assertThat(shape.earnedByBlocks(blocks, 1_000_000_000L)).isNotNegative();
        }
      }
    }
  }

  @Test
  void blocks_that_can_hold_the_largest_cost_can_and_one_fewer_cannot() {
    for (long seed = 1; seed <= 2_000; seed++) {
      RandomGenerator random = new SplittableRandom(seed);
      BlockMap map = new BlockMap(BlocksTest.regions(random.nextInt(1, 61)));
      long burst = 1 + (random.nextLong(LimitSpec.BURST_MAX) >>> random.nextInt(0, 30));
      long cost = random.nextLong(1, burst + 1);
      Shape shape = new Shape(new Shape.Key(1000, burst, cost), map, random.nextInt(0, 500_000));
      int least = shape.blocksForLargestCost();
      assertThat(shape.accrual(least).capNano())
          .as("seed %d", seed)
          .isGreaterThanOrEqualTo(cost * Accrual.NANO);
      if (least > 0) {
        assertThat(shape.accrual(least - 1).capNano())
            .as("seed %d", seed)
            .isLessThan(cost * Accrual.NANO);
      }
    }
  }

  @Test
  void a_limit_is_divided_where_every_regions_default_blocks_hold_the_largest_cost() {
    for (int regions = 2; regions <= 9; regions++) {
      BlockMap map = new BlockMap(BlocksTest.regions(regions));
      for (long cost : new long[] {1, 7, 100}) {
        for (long burst = regions * cost; burst <= 3L * regions * cost; burst++) {
          Shape shape = new Shape(new Shape.Key(1000, burst, cost), map, LeaseSettings.FLOOR_PPM);
          boolean all = true;
          for (int region = 0; region < regions; region++) {
            int blocks = map.defaults(0, region).count();
            all &= shape.accrual(blocks).capNano() >= cost * Accrual.NANO;
          }
          assertThat(shape.divisible())
              .as("%d over %d regions, cost %d", burst, regions, cost)
              .isEqualTo(all);
        }
      }
    }
  }

  @Test
  void blocks_alone_earn_no_more_than_what_they_add_to_the_floor() {
    for (long seed = 1; seed <= 2_000; seed++) {
      RandomGenerator random = new SplittableRandom(seed);
      BlockMap map = new BlockMap(BlocksTest.regions(random.nextInt(1, 61)));
      Shape shape = shape(random, map);
      int blocks = random.nextInt(0, map.blocks() + 1);
      long nanos = random.nextLong(0, 1L << random.nextInt(1, 50));
      BigInteger with = earned(shape.accrual(blocks), nanos);
      BigInteger floor = earned(shape.accrual(0), nanos);
      assertThat(BigInteger.valueOf(shape.earnedByBlocks(blocks, nanos)))
          .as("seed %d", seed)
          .isLessThanOrEqualTo(with.subtract(floor).divide(divisor(shape)));
    }
  }

  private static @Nullable String fault(long seed, int tooMany) {
    RandomGenerator random = new SplittableRandom(seed);
    int regions = random.nextInt(1, 61);
    BlockMap map = new BlockMap(BlocksTest.regions(regions));
    Shape shape = shape(random, map);
    Accrual whole = shape.accrual(Shape.whole(map));
    BigInteger cap = BigInteger.ZERO;
    BigInteger rate = BigInteger.ZERO;
    int left = map.blocks();
    for (int region = 0; region < regions; region++) {
      int blocks = region == regions - 1 ? left : random.nextInt(0, left + 1);
      left -= blocks;
      int wrong = region == 0 && blocks < map.blocks() ? tooMany : 0;
      Accrual part = shape.accrual(blocks + wrong);
      cap = cap.add(BigInteger.valueOf(part.capNano()));
      rate = rate.add(earned(part, 1));
      if (part.divisor() != whole.divisor()) {
        return "divisors differ";
      }
    }
    if (tooMany == 0 && !rate.equals(earned(whole, 1))) {
      return "rates sum to " + rate + " (expected: " + earned(whole, 1) + ")";
    }
    return cap.compareTo(BigInteger.valueOf(whole.capNano())) > 0
            || rate.compareTo(earned(whole, 1)) > 0
        ? "too much"
        : null;
  }

  private static Shape shape(RandomGenerator random, BlockMap map) {
    long burst = 1 + (random.nextLong(LimitSpec.BURST_MAX) >>> random.nextInt(0, 30));
    long milli = 1 + (random.nextLong(1_000_000_000L) >>> random.nextInt(0, 30));
    int floor =
        switch (random.nextInt(4)) {
          case 0 -> 0;
          case 1 -> 30_000;
          case 2 -> 10_000 * random.nextInt(0, 101);
          default -> random.nextInt(0, 1_000_001);
        };
    return new Shape(new Shape.Key(milli, burst, random.nextLong(1, burst + 1)), map, floor);
  }

  /** In divisor-ths of nano-tokens. */
  private static BigInteger earned(Accrual accrual, long nanos) {
    return BigInteger.valueOf(accrual.whole())
        .multiply(BigInteger.valueOf(accrual.divisor()))
        .add(BigInteger.valueOf(accrual.part()))
        .multiply(BigInteger.valueOf(nanos));
  }

  private static BigInteger divisor(Shape shape) {
    return BigInteger.valueOf(shape.accrual(0).divisor());
  }
}
