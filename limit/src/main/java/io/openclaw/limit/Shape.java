package io.openclaw.limit;

import io.openclaw.domain.LimitSpec;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * What each number of blocks of a limit is worth: how many tokens they earn and hold. Limits with
 * the same rate, burst and largest cost share one.
 *
 * <p>Every region's floor earns φ/N of the rate without a lease, and n of the M blocks earn n/M of
 * the rest. The burst is divided in the same way; but where a floor could not hold the largest cost
 * it holds nothing, and the blocks have all of it.
 *
 * <p>Thread-safe.
 */
final class Shape {
  /** The limit's numbers. */
  record Key(long milliTokensPerSecond, long burst, long largestCost) {
    static Key of(LimitSpec spec, long largestCost) {
      return new Key(spec.milliTokensPerSecond(), spec.burst(), largestCost);
    }
  }

  private final Key key;
  private final BigInteger floorParts;
  private final BigInteger blockParts;
  private final BigInteger allParts;
  private final boolean floorHolds;
  private final boolean divisible;
  private final int whole;

  // Written by any thread, each time with an equal value.
  private final @Nullable Accrual[] byBlocks;

  Shape(Key key, BlockMap map, int floorPpm) {
    this.key = key;
    long million = 1_000_000;
    long floor = floorPpm * 1L * map.blocks();
    long block = (million - floorPpm) * map.size();
    long all = million * map.size() * map.blocks();
    long gcd = gcd(gcd(floor, block), all);
    floorParts = BigInteger.valueOf(floor / gcd);
    blockParts = BigInteger.valueOf(block / gcd);
    allParts = BigInteger.valueOf(all / gcd);
    floorHolds = key.burst * floorPpm / map.size() >= key.largestCost * million;
    whole = map.blocks() + 1;
    // In whole blocks: some regions have one block fewer by default than an equal part would be.
    divisible = blocksForLargestCost() <= map.blocks() / map.size();
    byBlocks = new @Nullable Accrual[whole + 1];
  }

  /** The number that stands for the whole limit, all floors with it. */
  static int whole(BlockMap map) {
    return map.blocks() + 1;
  }

  /** What a holder of {@code blocks} blocks earns and holds. */
  Accrual accrual(int blocks) {
    Accrual known = byBlocks[blocks];
    if (known == null) {
      known = make(blocks);
      byBlocks[blocks] = known;
    }
    return known;
  }

  private Accrual make(int blocks) {
    BigInteger nano = BigInteger.valueOf(key.burst).multiply(BigInteger.valueOf(Accrual.NANO));
    BigInteger milli = BigInteger.valueOf(key.milliTokensPerSecond);
    long divisor = BigInteger.valueOf(1000).multiply(allParts).longValueExact();
    if (blocks == whole) {
      return Accrual.of(nano.longValueExact(), milli.multiply(allParts), divisor);
    }
    BigInteger n = BigInteger.valueOf(blocks);
    BigInteger parts = floorParts.add(blockParts.multiply(n));
    BigInteger cap =
        floorHolds
            ? nano.multiply(parts).divide(allParts)
            : nano.multiply(n).divide(BigInteger.valueOf(whole - 1));
    return Accrual.of(cap.longValueExact(), milli.multiply(parts), divisor);
  }

  /** Nano-tokens that blocks alone, without a floor, earn and can hold; rounded down. */
  long earnedByBlocks(int blocks, long nanos) {
    Accrual floor = accrual(0);
    Accrual with = accrual(blocks);
    BigInteger divisor = BigInteger.valueOf(with.divisor());
    BigInteger whole = BigInteger.valueOf(with.whole() - floor.whole());
    BigInteger part = BigInteger.valueOf(with.part() - floor.part());
    BigInteger earned =
        whole.multiply(divisor).add(part).multiply(BigInteger.valueOf(nanos)).divide(divisor);
    return earned.min(BigInteger.valueOf(with.capNano() - floor.capNano())).longValueExact();
  }

  /** Whether each region's default share could hold the largest cost. */
  boolean divisible() {
    return divisible;
  }

  /** The fewest blocks that, with the floor, can hold the largest cost. */
  int blocksForLargestCost() {
    return floorHolds ? 0 : (int) Math.ceilDiv(key.largestCost * (whole - 1), key.burst);
  }

  /** The most tokens one request may cost. */
  long largestCost() {
    return key.largestCost;
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }
}
