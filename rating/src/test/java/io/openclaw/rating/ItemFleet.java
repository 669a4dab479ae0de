package io.openclaw.rating;

import io.openclaw.domain.Fact;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Three item stores, clients whose requests are retried in other regions, and a network and disks
 * that do their worst; one seed is one history. At its end {@link #findings} names every promise
 * that did not hold.
 */
final class ItemFleet {
  private static final int STEPS = 3;
  private static final int TRIES_MAX = 4;
  private static final List<String> NAMES = List.of("a", "b", "c");

  /** What the fleet does wrong on purpose, to see whether the checker notices. */
  enum Planted {
    NOTHING,
    /** Counts of others are added up, not merged by maximum. */
    MERGE_BY_SUM,
    /** Claims are not taken in. */
    CLAIMS_IGNORED,
    /** Scores are acknowledged before they are on disk. */
    FSYNC_LOST,
    /** Claims are told in the name of whoever carries them. */
    CLAIMS_STOLEN
  }

  private static final class Client {
    final String id;
    final String key;
    final int step;
    int tries;
    boolean acked;

    Client(String id, String key, int step) {
      this.id = id;
      this.key = key;
      this.step = step;
    }
  }

  private record Try(Client client, int number, int region) {}

  private record Delivery(int to, Fact fact) {}

  private final Random random;
  private final Planted planted;
  private final boolean persistent;
  private final ItemStore[] stores = new ItemStore[3];
  private final FakeLog[] logs = new FakeLog[3];
  private final List<Client> clients = new ArrayList<>();
  private final List<Try> late = new ArrayList<>();
  private final List<Delivery> network = new ArrayList<>();
  int retractions;
  int crashes;
  int retries;

  /**
   * @param persistent whether every client goes on until it is answered
   */
  ItemFleet(long seed, Planted planted, boolean persistent) {
    random = new Random(seed);
    this.planted = planted;
    this.persistent = persistent;
    for (int i = 0; i < 3; i++) {
      logs[i] = planted == Planted.FSYNC_LOST ? FakeLog.lying() : FakeLog.slow();
      stores[i] = new ItemStore(NAMES.get(i), logs[i]);
    }
  }

  /** Runs the history and lets the fleet come to rest. */
  ItemFleet run(int steps) {
    for (int i = 0; i < steps; i++) {
      step();
    }
    quiesce();
    for (int round = 0; persistent && !allAcknowledged() && round < 20; round++) {
      for (Client client : clients) {
        if (!client.acked) {
          send(new Try(client, client.tries + 1, random.nextInt(3)));
        }
      }
      quiesce();
    }
    for (Client client : clients) {
      retries += client.tries > 1 ? 1 : 0;
    }
    stores[0].all(
        fact -> {
          if (fact instanceof Fact.Count count) {
            for (int i = STEPS; i < 2 * STEPS; i++) {
              retractions += (int) count.values()[i];
            }
          }
        });
    return this;
  }

  private boolean allAcknowledged() {
    for (Client client : clients) {
      if (!client.acked) {
        return false;
      }
    }
    return true;
  }

  private void step() {
    int region = random.nextInt(3);
    switch (random.nextInt(20)) {
      case 0, 1, 2, 3 -> {
        Client client =
            new Client(
                "id" + clients.size(), "t/m/0:2:1/item" + random.nextInt(3), random.nextInt(STEPS));
        clients.add(client);
        send(new Try(client, 1, region));
      }
      case 4, 5, 6 -> retry();
      case 7, 8 -> {
        if (!late.isEmpty()) {
          arrive(late.remove(random.nextInt(late.size())));
        }
      }
      case 9, 10, 11 -> {
        if (logs[region].waiting() > 0) {
          logs[region].writeOne();
        }
      }
      case 12 -> {
        if (logs[region].waiting() > 0 && planted != Planted.FSYNC_LOST) {
          logs[region].failOne();
        }
      }
      case 13, 14, 15 -> stores[region].drainChanges(fact -> broadcast(region, fact));
      case 16 -> {
        if (random.nextInt(8) == 0) {
          restart(region);
        }
      }
      case 17 -> {
        if (random.nextInt(8) == 0) {
          stores[region].all(fact -> broadcast(region, fact));
        }
      }
      default -> deliver();
    }
  }

  /** A router that waited long enough tries again, mostly elsewhere. */
  private void retry() {
    if (clients.isEmpty()) {
      return;
    }
    Client client = clients.get(Math.max(0, clients.size() - 1 - random.nextInt(10)));
    if (!client.acked && client.tries < TRIES_MAX) {
      int region = random.nextInt(3);
      send(new Try(client, client.tries + 1, region));
      if (random.nextInt(5) == 0) {
        late.add(new Try(client, client.tries, (region + 1) % 3)); // hedged: two of one number
      }
    }
  }

  private void send(Try next) {
    next.client.tries++;
    if (random.nextInt(4) == 0) {
      late.add(next);
    } else {
      arrive(next);
    }
    if (random.nextInt(10) == 0) {
      late.add(next); // and once more: the network repeated it
    }
  }

  private void arrive(Try attempt) {
    Client client = attempt.client;
    CompletableFuture<ItemCounts> answer =
        stores[attempt.region].rate(
            client.key, STEPS, client.step, new Attempt(client.id, attempt.number));
    var _ = answer.thenAccept(counts -> client.acked = true);
  }

  private void broadcast(int from, Fact fact) {
    for (int to = 0; to < 3; to++) {
      if (to != from) {
        network.add(new Delivery(to, fact));
      }
    }
  }

  /** One message in any order: it arrives, arrives and stays to arrive again, or is lost. */
  private void deliver() {
    if (network.isEmpty()) {
      return;
    }
    int index = random.nextInt(network.size());
    Delivery next = network.get(index);
    int fate = random.nextInt(10);
    if (fate != 0) {
      merge(next);
    }
    if (fate > 2) {
      network.remove(index);
    }
  }

  private void merge(Delivery delivery) {
    ItemStore store = stores[delivery.to];
    switch (delivery.fact) {
      case Fact.Count count ->
          store.merge(planted == Planted.MERGE_BY_SUM ? added(store, count) : count);
      case Fact.Register claim -> {
        if (planted == Planted.CLAIMS_STOLEN) {
          byte[] thief = NAMES.get(delivery.to).getBytes(java.nio.charset.StandardCharsets.UTF_8);
          store.merge(new Fact.Register(claim.table(), claim.key(), claim.version() + 1, thief));
        } else if (planted != Planted.CLAIMS_IGNORED) {
          store.merge(claim);
        }
      }
    }
  }

  /** The fact a store would have to merge by maximum to come to the sum. */
  private static Fact.Count added(ItemStore store, Fact.Count told) {
    long[] sum = told.values().clone();
    store.all(
        fact -> {
          if (fact instanceof Fact.Count known
              && known.key().equals(told.key())
              && known.writer().equals(told.writer())) {
            for (int i = 0; i < sum.length; i++) {
              sum[i] = Math.min(sum[i] + known.values()[i], 1_000_000_000);
            }
          }
        });
    return new Fact.Count(told.table(), told.key(), told.writer(), sum);
  }

  /** A process dies and comes back with what its disk holds, sometimes compacted. */
  private void restart(int region) {
    crashes++;
    FakeLog old = logs[region];
    old.crash(old.waiting() == 0 ? 0 : random.nextInt(old.waiting() + 1));
    List<byte[]> records = old.durable;
    if (random.nextInt(3) == 0) {
      ItemStore compacting = new ItemStore(NAMES.get(region), FakeLog.fast());
      records.forEach(compacting::replay);
      List<byte[]> snapshot = new ArrayList<>();
      compacting.snapshot(snapshot::add);
      records = snapshot;
    }
    logs[region] = planted == Planted.FSYNC_LOST ? FakeLog.lying() : FakeLog.slow();
    logs[region].durable.addAll(records);
    stores[region] = new ItemStore(NAMES.get(region), logs[region]);
    records.forEach(stores[region]::replay);
  }

  /** Everything late arrives, disks and links work again, until nothing changes any more. */
  private void quiesce() {
    while (!late.isEmpty()) {
      arrive(late.removeLast());
    }
    do {
      for (int i = 0; i < 3; i++) {
        int from = i;
        logs[i].writeAll();
        stores[i].drainChanges(fact -> broadcast(from, fact));
        stores[i].all(fact -> broadcast(from, fact));
      }
      Collections.shuffle(network, random);
      network.forEach(this::merge);
      network.clear();
    } while (anyWaiting()); // nobody had anything to write about what was told: all is told
  }

  private boolean anyWaiting() {
    for (FakeLog log : logs) {
      if (log.waiting() > 0) {
        return true;
      }
    }
    return false;
  }

  /** What does not hold: nothing, if all is well. */
  List<String> findings() {
    List<String> findings = new ArrayList<>();
    Map<String, long[]> acknowledged = new HashMap<>();
    Map<String, long[]> attempted = new HashMap<>();
    for (Client client : clients) {
      attempted.computeIfAbsent(client.key, k -> new long[STEPS])[client.step]++;
      if (client.acked) {
        acknowledged.computeIfAbsent(client.key, k -> new long[STEPS])[client.step]++;
      }
    }
    for (int i = 0; i < 3; i++) {
      if (!facts(stores[i]).equals(facts(stores[0]))) {
        findings.add(NAMES.get(i) + " differs from a");
      }
      Map<String, long[]> counted = counted(stores[i]);
      for (String key : attempted.keySet()) {
        long[] least = acknowledged.getOrDefault(key, new long[STEPS]);
        long[] found = counted.getOrDefault(key, new long[STEPS]);
        for (int step = 0; step < STEPS; step++) {
          long most = attempted.get(key)[step];
          if (found[step] < least[step] || found[step] > most) {
            findings.add(
                "%s counts %d of %s step %d, expected %d to %d"
                    .formatted(NAMES.get(i), found[step], key, step, least[step], most));
          }
          if (persistent && least[step] != most) {
            findings.add("a client was never answered");
          }
        }
      }
    }
    return findings;
  }

  private static Map<String, long[]> counted(ItemStore store) {
    Map<String, long[]> counted = new HashMap<>();
    store.all(
        fact -> {
          if (fact instanceof Fact.Count count) {
            long[] sum = counted.computeIfAbsent(count.key(), k -> new long[STEPS]);
            for (int step = 0; step < STEPS; step++) {
              sum[step] += count.values()[step] - count.values()[STEPS + step];
            }
          }
        });
    return counted;
  }

  private static Map<String, String> facts(ItemStore store) {
    Map<String, String> facts = new TreeMap<>();
    store.all(
        fact -> {
          switch (fact) {
            case Fact.Count count ->
                facts.put(count.key() + " " + count.writer(), Arrays.toString(count.values()));
            case Fact.Register claim ->
                facts.put(claim.key(), claim.version() + Arrays.toString(claim.value()));
          }
        });
    return facts;
  }
}
