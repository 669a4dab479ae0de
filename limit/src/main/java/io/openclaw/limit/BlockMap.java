package io.openclaw.limit;

import java.util.List;

/**
 * How a limit is divided: into equal blocks, each with a default region, the same in every node's
 * view.
 *
 * <p>It depends on the configured regions and the limit's name alone, never on its rate or burst: a
 * block is a fraction, so regions that know different versions of a limit still hold disjoint parts
 * of it.
 */
final class BlockMap {
  /** The fewest blocks of a limit; one word of a set. */
  static final int BLOCKS_MIN = 64;

  /** With fewer blocks than this per region, shares would be too coarse to follow demand. */
  static final int BLOCKS_PER_REGION_MIN = 8;

  private final List<String> regions;
  private final int count;
  private final Blocks[] residues;
  private final Blocks none;

  BlockMap(List<String> regions) {
    this.regions = regions.stream().sorted().distinct().toList();
    int wanted = this.regions.size() * BLOCKS_PER_REGION_MIN;
    count = Math.max(BLOCKS_MIN, (wanted + 63) / 64 * 64);
    residues = new Blocks[this.regions.size()];
    for (int i = 0; i < residues.length; i++) {
      residues[i] = Blocks.every(count, i, residues.length);
    }
    none = Blocks.none(count);
  }

  /** The configured regions, in order; a region's number is its place here. */
  List<String> regions() {
    return regions;
  }

  int size() {
    return residues.length;
  }

  /** How many blocks every limit has. */
  int blocks() {
    return count;
  }

  Blocks none() {
    return none;
  }

  int region(String name) {
    int index = regions.indexOf(name);
    if (index < 0) {
      throw new IllegalArgumentException("region: " + name + " (expected: one of " + regions + ")");
    }
    return index;
  }

  /**
   * Where a limit's first block lies: so that not every limit gives the odd block to one region.
   */
  int offset(String limit) {
    int hash = limit.hashCode() * 0x9E3779B9;
    return Math.floorMod(hash ^ (hash >>> 15), residues.length);
  }

  /** The default blocks of a region in limits with that offset. */
  Blocks defaults(int offset, int region) {
    return residues[Math.floorMod(region - offset, residues.length)];
  }

  /** The region that is {@code place}-th in a group's order: its owner is 0-th, then the ring. */
  int heir(int group, int place) {
    return (group + place) % residues.length;
  }
}
