package io.openclaw.edge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.ApiKey;
import io.openclaw.domain.ApiKeyJson;
import io.openclaw.domain.Fact;
import io.openclaw.domain.FactTable;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.KeyText;
import io.openclaw.domain.Scope;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class KeysTest {
  private static final int SEEDS = 200;
  private static final int REGIONS = 3;

  /** What a region does with keys; so that a planted bug can take its place. */
  private interface Replica extends FactTable {
    void create(ApiKey key) throws IOException;

    void revoke(String id) throws IOException;

    void expire(String id, long millis) throws IOException;

    Collection<ApiKey> list();
  }

  private static Replica real(List<ApiKey> configured) {
    Keys keys = new Keys(configured, List.of(), saved -> {}, changed -> {});
    return new Replica() {
      @Override
      public void create(ApiKey key) throws IOException {
        keys.create(key);
      }

      @Override
      public void revoke(String id) throws IOException {
        keys.revoke(id);
      }

      @Override
      public void expire(String id, long millis) throws IOException {
        keys.expire(id, millis);
      }

      @Override
      public Collection<ApiKey> list() {
        return keys.list();
      }

      @Override
      public String name() {
        return keys.name();
      }

      @Override
      public void drainChanges(Consumer<Fact> sink) {
        keys.drainChanges(sink);
      }

      @Override
      public void all(Consumer<Fact> sink) {
        keys.all(sink);
      }

      @Override
      public void merge(Fact fact) {
        keys.merge(fact);
      }
    };
  }

  /** The planted bug: what is heard last is believed, so a late copy brings a revoked key back. */
  private static final class LastHeardWins implements Replica {
    private final Map<String, ApiKey> keys = new TreeMap<>();
    private final List<ApiKey> untold = new ArrayList<>();

    LastHeardWins(List<ApiKey> configured) {
      configured.forEach(key -> keys.put(key.id(), key));
    }

    @Override
    public void create(ApiKey key) {
      keys.put(key.id(), key);
      untold.add(key);
    }

    @Override
    public void revoke(String id) {
      ApiKey key = keys.get(id);
      if (key != null) {
        create(key.asRevoked());
      }
    }

    @Override
    public void expire(String id, long millis) {
      ApiKey key = keys.get(id);
      if (key != null) {
        create(key.expiringBy(millis));
      }
    }

    @Override
    public Collection<ApiKey> list() {
      return keys.values();
    }

    @Override
    public String name() {
      return "keys";
    }

    @Override
    public void drainChanges(Consumer<Fact> sink) {
      untold.forEach(key -> sink.accept(fact(key)));
      untold.clear();
    }

    @Override
    public void all(Consumer<Fact> sink) {
      keys.values().forEach(key -> sink.accept(fact(key)));
    }

    @Override
    public void merge(Fact fact) {
      ApiKey key = read(fact);
      keys.put(key.id(), key);
    }
  }

  private static Fact fact(ApiKey key) {
    return new Fact.Register(
        "keys", key.id(), key.revoked() ? 2 : 1, JsonWriter.write(ApiKeyJson.write(key)));
  }

  private static ApiKey read(Fact fact) {
    try {
      return ApiKeyJson.read(JsonReader.read(((Fact.Register) fact).value()));
    } catch (JsonSyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static ApiKey key(Random random) {
    KeyText text = KeyText.generate(random);
    return new ApiKey(
        text.id(),
        text.sha256Hex(),
        "credit",
        Set.of(Scope.RATE),
        ApiKey.NEVER,
        false,
        null,
        "made by " + random.nextInt(100));
  }

  private static ApiKey key(long seed) {
    return key(new Random(seed));
  }

  @Test
  void regions_agree_on_all_keys_whatever_is_lost_repeated_or_late_and_revoked_wins() {
    assertThat(firstDisagreement(KeysTest::real)).isNull();
  }

  @Test
  void believing_what_is_heard_last_is_caught_by_that_checker() {
    assertThat(firstDisagreement(LastHeardWins::new)).isNotNull();
  }

  /** What is wrong after everybody heard everything at least once; null where nothing is. */
  private static @Nullable String firstDisagreement(Function<List<ApiKey>, Replica> making) {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      List<ApiKey> configured = List.of(key(random), key(random));
      List<Replica> regions = new ArrayList<>();
      for (int i = 0; i < REGIONS; i++) {
        regions.add(making.apply(configured));
      }
      List<String> ids = new ArrayList<>(configured.stream().map(ApiKey::id).toList());
      Set<String> revoked = new HashSet<>();
      List<Fact> onTheirWay = new ArrayList<>();
      for (int step = 0; step < 40; step++) {
        change(random, regions.get(random.nextInt(REGIONS)), ids, revoked);
        regions.forEach(region -> region.drainChanges(onTheirWay::add));
        if (!onTheirWay.isEmpty()) { // any of them, to anybody, and it stays on its way
          regions
              .get(random.nextInt(REGIONS))
              .merge(onTheirWay.get(random.nextInt(onTheirWay.size())));
        }
      }
      tellEverything(random, regions);
      for (Replica region : regions) {
        Set<ApiKey> list = new HashSet<>(region.list());
        if (!list.equals(new HashSet<>(regions.getFirst().list())) || list.size() != ids.size()) {
          return "regions disagree, seed " + seed;
        }
        for (ApiKey key : list) {
          if (key.revoked() != revoked.contains(key.id())) {
            return key.id() + " revoked: " + key.revoked() + ", seed " + seed;
          }
        }
      }
    }
    return null;
  }

  private static void change(Random random, Replica region, List<String> ids, Set<String> revoked) {
    try {
      if (random.nextInt(3) > 0) {
        ApiKey made = key(random);
        region.create(made);
        ids.add(made.id());
      } else {
        String id = ids.get(random.nextInt(ids.size()));
        if (region.list().stream().anyMatch(key -> key.id().equals(id))) {
          if (random.nextBoolean()) {
            region.expire(id, 1_000 + random.nextInt(1_000));
          } else {
            region.revoke(id);
            revoked.add(id);
          }
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void tellEverything(Random random, List<Replica> regions) {
    List<Fact> all = new ArrayList<>();
    regions.forEach(region -> region.all(all::add));
    all.addAll(List.copyOf(all));
    for (Replica region : regions) {
      Collections.shuffle(all, random);
      all.forEach(region::merge);
    }
  }

  /** A disk that fails, or hangs, when told to. */
  private static final class Disk implements KeyStorage {
    List<ApiKey> saved = List.of();
    int saves;
    boolean full;
    final CountDownLatch hanging = new CountDownLatch(1);
    CountDownLatch hang = new CountDownLatch(0);

    @Override
    public void save(Collection<ApiKey> keys) throws IOException {
      hanging.countDown();
      try {
        hang.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      if (full) {
        throw new IOException("No space left on device");
      }
      saves++;
      saved = List.copyOf(keys);
    }
  }

  private final Disk disk = new Disk();
  private final List<ApiKey> listened = new ArrayList<>();
  private final ApiKey configured = key(1);
  private final ApiKey stored = key(2);
  private int swaps;
  private final Keys keys =
      new Keys(
          List.of(configured),
          List.of(stored),
          disk,
          changed -> {
            swaps++;
            listened.addAll(changed);
          });

  private List<Fact> news() {
    List<Fact> news = new ArrayList<>();
    keys.drainChanges(news::add);
    return news;
  }

  @Test
  void a_new_key_is_stored_in_force_and_told_once() throws IOException {
    ApiKey made = key(3);
    keys.create(made);
    assertThat(keys.list()).containsExactly(configured, stored, made);
    assertThat(disk.saved).containsExactly(stored, made);
    assertThat(listened).containsExactly(made);
    List<Fact> news = news();
    assertThat(news).hasSize(1);
    assertThat(read(news.getFirst())).isEqualTo(made);
    assertThat(news()).isEmpty();
  }

  @Test
  void a_disk_that_fails_makes_no_key() throws IOException {
    disk.full = true;
    assertThatThrownBy(() -> keys.create(key(3))).hasMessage("No space left on device");
    assertThat(keys.list()).containsExactly(configured, stored);
    assertThat(listened).isEmpty();
    assertThat(news()).isEmpty();
    disk.full = false;
    keys.flush();
    assertThat(disk.saves).as("nothing to store").isZero();
  }

  @Test
  void a_leaked_key_is_revoked_and_told_though_the_disk_fails_and_stored_when_it_can_be()
      throws IOException {
    disk.full = true;
    assertThatThrownBy(() -> keys.revoke(configured.id())).hasMessage("No space left on device");
    assertThatThrownBy(() -> keys.expire(stored.id(), 1_000)).isInstanceOf(IOException.class);
    List<ApiKey> ended = List.of(stored.expiringBy(1_000), configured.asRevoked());
    assertThat(keys.list()).containsExactlyInAnyOrderElementsOf(ended);
    assertThat(listened).containsExactlyInAnyOrderElementsOf(ended);
    assertThat(news().stream().map(KeysTest::read)).containsExactlyInAnyOrderElementsOf(ended);
    assertThatThrownBy(() -> keys.revoke(configured.id())).as("tried again").isNotNull();
    assertThat(listened).as("and told once").hasSize(2);
    disk.full = false;
    keys.flush();
    assertThat(disk.saved).containsExactlyElementsOf(ended);
    assertThat(keys.revoke(configured.id())).contains(configured.asRevoked());
    assertThat(disk.saves).isEqualTo(1);
  }

  @Test
  @Timeout(30)
  void the_mesh_waits_for_no_disk() throws Exception {
    disk.hang = new CountDownLatch(1);
    CompletableFuture<Void> revoking =
        CompletableFuture.runAsync(
            () -> {
              try {
                keys.revoke(stored.id());
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
    disk.hanging.await();
    ApiKey heard = key(3);
    keys.merge(fact(heard));
    keys.merged();
    assertThat(keys.list()).containsExactly(configured, stored.asRevoked(), heard);
    assertThat(listened).containsExactly(stored.asRevoked(), heard);
    assertThat(news().stream().map(KeysTest::read)).containsExactly(stored.asRevoked());
    assertThat(revoking).isNotDone();
    disk.hang.countDown();
    revoking.get();
    assertThat(disk.saved).containsExactly(stored.asRevoked());
    keys.flush();
    assertThat(disk.saved).containsExactly(stored.asRevoked(), heard);
  }

  @Test
  void many_keys_that_are_heard_together_change_the_directory_once() {
    Random random = new Random(11);
    for (int i = 0; i < 1_000; i++) {
      keys.merge(fact(key(random)));
    }
    assertThat(swaps).isZero();
    keys.merged();
    assertThat(swaps).isEqualTo(1);
    assertThat(listened).hasSize(1_000);
    keys.merged();
    assertThat(swaps).as("nothing new").isEqualTo(1);
  }

  @Test
  void other_configured_keys_leave_those_made_or_revoked_at_run_time_as_they_are()
      throws IOException {
    ApiKey made = key(3);
    keys.create(made);
    keys.revoke(configured.id());
    List<ApiKey> read = new ArrayList<>();
    keys.configure(List.of(key(4)), read::addAll);
    assertThat(read).containsExactly(key(4), stored, made, configured.asRevoked());
    keys.configure(List.of(configured), ignored -> {});
    assertThat(keys.list()).containsExactlyInAnyOrder(stored, made, configured.asRevoked());
  }

  @Test
  void a_configured_key_that_was_revoked_stays_so_after_a_restart() throws IOException {
    assertThat(keys.revoke(configured.id())).contains(configured.asRevoked());
    Keys restarted = new Keys(List.of(configured), disk.saved, disk, listened::addAll);
    assertThat(restarted.list()).containsExactly(configured.asRevoked(), stored);
    assertThat(restarted.revoke(configured.id())).contains(configured.asRevoked());
    assertThat(disk.saves).as("nothing new to store").isEqualTo(1);
  }

  @Test
  void revoking_what_is_not_there_does_nothing() throws IOException {
    assertThat(keys.revoke("nobody")).isEmpty();
    assertThat(disk.saves).isZero();
  }

  @Test
  void what_another_region_tells_is_in_force_at_once_and_stored_by_the_next_flush()
      throws IOException {
    ApiKey heard = key(3);
    keys.merge(fact(heard));
    keys.merge(fact(configured.asRevoked()));
    keys.merged();
    assertThat(keys.list()).containsExactly(configured.asRevoked(), stored, heard);
    assertThat(listened).containsExactly(heard, configured.asRevoked());
    assertThat(news()).as("others tell of their own").isEmpty();
    disk.full = true;
    assertThatThrownBy(keys::flush).isInstanceOf(IOException.class);
    disk.full = false;
    keys.flush();
    assertThat(disk.saved).containsExactly(stored, heard, configured.asRevoked());
    keys.flush();
    assertThat(disk.saves).isEqualTo(1);
    List<ApiKey> all = new ArrayList<>();
    keys.all(fact -> all.add(read(fact)));
    assertThat(all).containsExactly(stored, heard, configured.asRevoked());
  }

  @Test
  void what_is_no_key_is_refused_and_changes_nothing() {
    byte[] document = JsonWriter.write(ApiKeyJson.write(key(3)));
    List<Fact> wrong =
        List.of(
            new Fact.Count("keys", "a", "w", new long[] {1}),
            new Fact.Register("keys", "a", 1, new byte[0]),
            new Fact.Register("keys", "a", 1, "{\"id\":".getBytes(UTF_8)),
            new Fact.Register("keys", "a", 1, "[]".getBytes(UTF_8)),
            new Fact.Register("keys", "a", 1, "{}".getBytes(UTF_8)),
            new Fact.Register("keys", "another", 1, document));
    for (Fact fact : wrong) {
      assertThatThrownBy(() -> keys.merge(fact)).isInstanceOf(IllegalArgumentException.class);
    }
    keys.merged();
    assertThat(keys.list()).containsExactly(configured, stored);
    assertThat(listened).isEmpty();
  }

  @Test
  void there_are_only_so_many_keys_and_revoking_works_even_then() throws IOException {
    Random random = new Random(7);
    List<ApiKey> many = new ArrayList<>();
    for (int i = 0; i < Keys.KEYS_MAX; i++) {
      many.add(key(random));
    }
    Keys full = new Keys(List.of(configured), many, disk, listened::addAll);
    assertThatThrownBy(() -> full.create(key(3))).hasMessage("there are 100000 keys already");
    assertThatThrownBy(() -> full.merge(fact(key(3)))).hasMessage("more than 100000 keys");
    assertThat(full.revoke(configured.id())).contains(configured.asRevoked());
    full.merge(fact(many.getFirst().asRevoked()));
    assertThat(full.list()).contains(configured.asRevoked(), many.getFirst().asRevoked());
  }
}
