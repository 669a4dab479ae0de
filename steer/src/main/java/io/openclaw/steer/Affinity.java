package io.openclaw.steer;

/**
 * Which region a name belongs to, for requests that are to come back to where they were: of the
 * regions that are up, and that none ranks before, the one whose hash with the name is highest.
 * Every router says the same, and a region that goes or comes moves only the names that are its
 * own. Stateless; allocates nothing.
 *
 * @see <a href="https://doi.org/10.1109/90.663936">Thaler, Ravishankar: Using Name-Based Mappings
 *     to Increase Hit Rates (rendezvous hashing)</a>
 */
public final class Affinity {
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private Affinity() {}

  /** The index of the name's region, or {@link Elsewhere#UNKNOWN} where none is up. */
  public static int region(HealthView view, String name) {
    int best = Elsewhere.UNKNOWN;
    long highest = 0;
    for (long rest = Candidates.of(view, 0); rest != 0; rest &= rest - 1) {
      int i = Long.numberOfTrailingZeros(rest);
      if (view.health(i).state() == RegionState.UP) {
        long score = mixed(added(added(FNV_OFFSET, name), view.name(i)));
        if (best < 0 || Long.compareUnsigned(score, highest) > 0) {
          best = i;
          highest = score;
        }
      }
    }
    return best;
  }

  private static long added(long hash, String text) {
    long sum = hash;
    for (int i = 0; i < text.length(); i++) {
      sum = (sum ^ text.charAt(i)) * FNV_PRIME;
    }
    return sum;
  }

  /** MurmurHash3's last step: FNV alone leaves the high bits to the first characters. */
  private static long mixed(long hash) {
    long h = hash;
    h = (h ^ h >>> 33) * 0xff51afd7ed558ccdL;
    h = (h ^ h >>> 33) * 0xc4ceb9fe1a85ec53L;
    return h ^ h >>> 33;
  }
}
