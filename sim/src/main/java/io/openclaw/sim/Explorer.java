package io.openclaw.sim;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Visits every state of a model, nearest first, until two nodes may use the block at once.
 *
 * <p>A visited state is kept as its 64-bit hash: among 40 million states the chance that any two
 * share one, and so one of them is not visited, is 1 in 23,000. Not thread-safe.
 */
final class Explorer {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int FIRST_STATES = 1 << 16;
  private static final int CHUNK_STATES = 1 << 12;

  private final LeaseModel model;
  private final int statesMax;
  private final int bytes;
  private long[] hashes = new long[FIRST_STATES];
  private int[] parents = new int[FIRST_STATES];
  private int[] table = new int[2 * FIRST_STATES];
  private int states;
  private int usersSeen;
  private int violation = -1;
  private List<byte[]> next = new ArrayList<>();
  private int nextCount;
  private int parent;

  Explorer(LeaseModel model, int statesMax) {
    this.model = model;
    this.statesMax = statesMax;
    bytes = model.stateBytes();
  }

  /**
   * The outcome of a run.
   *
   * @param complete whether all states within the bounds were visited
   * @param users bits of the nodes that were seen to use the block
   * @param trace the shortest way to two users at once, a line for each step; null where there is
   *     none
   */
  record Outcome(int states, int depth, boolean complete, int users, @Nullable String trace) {}

  Outcome run() {
    Arrays.fill(table, -1);
    parent = -1;
    offer(model.initial(), 0);
    int depth = 0;
    byte[] state = new byte[bytes];
    while (nextCount > 0 && violation < 0 && states < statesMax) {
      List<byte[]> level = next;
      int count = nextCount;
      int firstId = states - count;
      next = new ArrayList<>();
      nextCount = 0;
      for (int j = 0; j < count && violation < 0 && states < statesMax; j++) {
        System.arraycopy(level.get(j / CHUNK_STATES), j % CHUNK_STATES * bytes, state, 0, bytes);
        parent = firstId + j;
        model.successors(state, this::offer);
        if (j % CHUNK_STATES == CHUNK_STATES - 1) {
          level.set(j / CHUNK_STATES, new byte[0]);
        }
      }
      depth++;
    }
    boolean complete = nextCount == 0 && violation < 0;
    String trace = violation < 0 ? null : trace();
    return new Outcome(states, depth, complete, usersSeen, trace);
  }

  private void offer(byte[] state, int action) {
    if (violation >= 0) {
      return;
    }
    long hash = hash(state);
    if (states == hashes.length) {
      grow();
    }
    if (!add(hash)) {
      return;
    }
    hashes[states] = hash;
    parents[states] = parent;
    int users = model.users(state);
    usersSeen |= users;
    if (Integer.bitCount(users) > 1) {
      violation = states;
    }
    states++;
    if (nextCount % CHUNK_STATES == 0) {
      next.add(new byte[CHUNK_STATES * bytes]);
    }
    System.arraycopy(
        state, 0, next.get(nextCount / CHUNK_STATES), nextCount % CHUNK_STATES * bytes, bytes);
    nextCount++;
  }

  private boolean add(long hash) {
    int mask = table.length - 1;
    int place = (int) (hash >>> 32) & mask;
    while (table[place] >= 0) {
      if (hashes[table[place]] == hash) {
        return false;
      }
      place = (place + 1) & mask;
    }
    table[place] = states;
    return true;
  }

  private void grow() {
    hashes = Arrays.copyOf(hashes, 2 * hashes.length);
    parents = Arrays.copyOf(parents, hashes.length);
    table = new int[2 * hashes.length];
    Arrays.fill(table, -1);
    int mask = table.length - 1;
    for (int id = 0; id < states; id++) {
      int place = (int) (hashes[id] >>> 32) & mask;
      while (table[place] >= 0) {
        place = (place + 1) & mask;
      }
      table[place] = id;
    }
  }

  private static long hash(byte[] state) {
    long h = 0x9E3779B97F4A7C15L;
    for (int o = 0; o < state.length; o += Long.BYTES) {
      h = (h ^ (long) LONGS.get(state, o)) * 0xD6E8FEB86659FD93L;
      h ^= h >>> 32;
    }
    h *= 0xD6E8FEB86659FD93L;
    return h ^ h >>> 29;
  }

  /** Walks from the first state to the violation again, this time with words. */
  private String trace() {
    List<Integer> path = new ArrayList<>();
    for (int id = violation; id >= 0; id = parents[id]) {
      path.add(0, id);
    }
    byte[] state = model.initial();
    StringBuilder lines = new StringBuilder();
    lines.append("     %-50s %s%n".formatted("start", model.show(state)));
    for (int step = 1; step < path.size(); step++) {
      long wanted = hashes[path.get(step)];
      byte[] found = new byte[bytes];
      int[] by = {-1};
      model.successors(
          state,
          (s, action) -> {
            if (by[0] < 0 && hash(s) == wanted) {
              System.arraycopy(s, 0, found, 0, bytes);
              by[0] = action;
            }
          });
      state = found;
      lines.append("%3d  %-50s %s%n".formatted(step, model.describe(by[0]), model.show(state)));
    }
    return lines.toString();
  }
}
