package io.openclaw.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Fact;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.QuotaSpec;
import io.openclaw.domain.QuotaWindow;
import io.openclaw.limit.QuotaFleet.Planted;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuotasTest {
  private static final long DAY = 24 * 3_600_000L;
  private static final long START = QuotaWindow.parse("2026-11-21").startMillis();

  private final List<String> disk = new ArrayList<>();

  private static QuotaSpec spec(long tokens) {
    return new QuotaSpec("tenant/t", LimitSpec.Level.TENANT, tokens, QuotaSpec.Per.DAY, false);
  }

  private Quotas alone() {
    List<String> regions = List.of("a");
    if (disk.isEmpty()) {
      disk.addAll(QuotaLedger.begin("a", regions, START, new Random(1)));
    }
    return new Quotas("a", regions, QuotaLedger.read(disk), disk::addAll, 0);
  }

  private static long spendAll(Quotas quotas, Quota quota, long wallMillis) throws IOException {
    long spent = 0;
    for (int i = 1; i < 10_000; i++) {
      while (quota.take(1) != null) {
        spent++;
      }
      quotas.step(wallMillis, i * 20_000_000L);
    }
    return spent;
  }

  private static void run(QuotaFleet fleet, int ticks) throws IOException {
    for (int i = 0; i < ticks; i++) {
      fleet.tick();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 7, 100, 2_000})
  void a_region_that_is_alone_spends_all_at_once_and_not_one_more(long tokens) throws IOException {
    Quotas quotas = alone();
    Quota quota = quotas.quota(spec(tokens), 1);
    assertThat(quota.take(1)).as("before the first block").isNull();
    quotas.step(START, 0);
    assertThat(quota.remainingHere()).isEqualTo(tokens);
    assertThat(spendAll(quotas, quota, START)).isEqualTo(tokens);
    assertThat(quota.remainingHere()).isZero();
    assertThat(quota.spentAllRegions()).isEqualTo(tokens);
    assertThat(quota.remainingAllRegions()).isZero();
    assertThat(quota.elsewhere(1)).isNull();
  }

  @Test
  void the_next_window_is_prepared_and_the_clock_reopens_none() throws IOException {
    Quotas quotas = alone();
    Quota quota = quotas.quota(spec(100), 1);
    quotas.step(START, 0);
    assertThat(spendAll(quotas, quota, START)).isEqualTo(100);
    quotas.step(START + DAY - 1_000, 1_000_000_000_000L);
    assertThat(quota.take(1)).as("the next block is not for now").isNull();
    quotas.step(START + DAY, 1_001_000_000_000L);
    assertThat(quota.window()).isEqualTo(QuotaWindow.parse("2026-11-22"));
    assertThat(quota.take(1)).as("at once").isNotNull();
    quotas.step(START, 1_002_000_000_000L);
    assertThat(quota.window()).isEqualTo(QuotaWindow.parse("2026-11-22"));
    Quotas again = alone();
    Quota same = again.quota(spec(100), 1);
    again.step(START, 0);
    assertThat(same.window()).as("on disk").isEqualTo(QuotaWindow.parse("2026-11-22"));
  }

  @Test
  void a_crash_burns_at_most_a_block_and_an_orderly_end_nothing() throws IOException {
    Quotas quotas = alone();
    Quota quota = quotas.quota(spec(10_000), 1);
    quotas.step(START, 0);
    for (int i = 0; i < 5; i++) {
      assertThat(quota.take(1)).isNotNull();
    }
    Quotas crashed = alone();
    Quota after = crashed.quota(spec(10_000), 1);
    crashed.step(START, 0);
    assertThat(after.remainingHere()).isEqualTo(9_980);
    assertThat(after.burnedHere()).isEqualTo(20);
    assertThat(after.spentAllRegions()).isEqualTo(20);
    assertThat(after.take(3)).isNotNull();
    crashed.close();
    assertThat(after.take(1)).as("after the end").isNull();
    crashed.step(START, 20_000_000);
    assertThat(after.take(1)).isNull();
    Quotas ended = alone();
    Quota last = ended.quota(spec(10_000), 1);
    ended.step(START, 0);
    assertThat(last.remainingHere()).isEqualTo(9_977);
    assertThat(last.burnedHere()).isZero();
  }

  @Test
  void where_the_disk_fails_nothing_is_spent() throws IOException {
    disk.addAll(QuotaLedger.begin("a", List.of("a"), START, new Random(1)));
    Quotas quotas =
        new Quotas(
            "a",
            List.of("a"),
            QuotaLedger.read(disk),
            lines -> {
              throw new IOException("full");
            },
            0);
    Quota quota = quotas.quota(spec(100), 1);
    assertThatThrownBy(() -> quotas.step(START, 0)).hasMessage("full");
    assertThat(quota.take(1)).isNull();
    assertThat(quota.deniedHere()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "2,1", "10,1", "3000,1", "100000,1", "3000,7"})
  void demand_in_one_region_gets_all_of_it(long tokens, long cost) throws IOException {
    QuotaFleet fleet = new QuotaFleet(3, tokens, cost, Planted.NOTHING, 42);
    run(fleet, 1_100); // over the midnight
    for (int tick = 0; tick < 2_000; tick++) {
      for (int i = 0; i < Math.max(1, tokens / 1000); i++) {
        fleet.request(0, cost);
      }
      fleet.tick();
    }
    long admitted = fleet.admitted().getOrDefault("2026-11-22", 0L);
    assertThat(admitted).isBetween(tokens - Math.max(tokens / 100, 3 * (cost - 1)), tokens);
    assertThat(fleet.quota(0).spentAllRegions()).isEqualTo(admitted);
    assertThat(fleet.quota(1).spentAllRegions()).isEqualTo(admitted);
  }

  @Test
  void demand_everywhere_gets_all_of_it_and_demand_that_moves_takes_it_along() throws IOException {
    QuotaFleet fleet = new QuotaFleet(5, 5_000, 1, Planted.NOTHING, 7);
    run(fleet, 1_100);
    for (int tick = 0; tick < 4_000; tick++) {
      for (int i = 0; i < 2; i++) {
        fleet.request(tick < 500 ? fleet.random().nextInt(5) : 4, 1);
      }
      fleet.tick();
    }
    assertThat(fleet.mostAdmitted()).isBetween(4_950L, 5_000L);
  }

  @Test
  void a_region_without_its_disk_lives_on_gifts_until_the_next_window() throws IOException {
    QuotaFleet fleet = new QuotaFleet(3, 3_000, 1, Planted.NOTHING, 3);
    run(fleet, 100);
    while (fleet.quota(1).remainingHere() > 900) {
      fleet.request(1, 1);
      fleet.tick();
    }
    fleet.loseDisk(1);
    fleet.start(1);
    run(fleet, 100);
    assertThat(fleet.quota(1).remainingHere()).as("its share is not taken again").isZero();
    for (int i = 0; i < 100; i++) {
      fleet.request(1, 1);
      fleet.tick();
    }
    assertThat(fleet.quota(1).spentHere()).as("others give").isPositive();
    run(fleet, 1_000);
    assertThat(fleet.quota(1).remainingHere()).as("the next window").isEqualTo(1_000);
  }

  @Test
  void nothing_is_given_to_a_ledger_that_nobody_spends_from() throws IOException {
    QuotaFleet fleet = new QuotaFleet(3, 3_000, 1, Planted.NOTHING, 3);
    run(fleet, 100);
    while (fleet.quota(1).spentHere() < 1_500) {
      fleet.request(1, 1);
      fleet.request(1, 1);
      fleet.tick();
    }
    String lost = fleet.disk(1).getFirst().substring("ledger ".length());
    fleet.loseDisk(1);
    fleet.start(1);
    run(fleet, 100);
    for (int giver : new int[] {0, 2}) {
      int before = fleet.disk(giver).size();
      fleet.kill(giver);
      fleet.start(giver); // and finds it empty in what it hears
      for (int i = 0; i < 100; i++) {
        fleet.request(2 - giver, 1); // that the quota is looked at
        fleet.tick();
      }
      List<String> since = fleet.disk(giver).subList(before, fleet.disk(giver).size());
      assertThat(gifts(since, lost))
          .isLessThanOrEqualTo(gifts(fleet.disk(giver).subList(0, before), lost));
    }
    fleet.kill(1);
    String gone = fleet.disk(1).getFirst().substring("ledger ".length());
    run(fleet, 10);
    long given = gifts(fleet.disk(0), gone);
    for (int i = 0; i < 100; i++) {
      fleet.request(2, 1);
      fleet.tick();
    }
    assertThat(gifts(fleet.disk(0), gone)).as("nor to a region that is down").isEqualTo(given);
  }

  /** What the newest line of a book says was given to a ledger. */
  private static long gifts(List<String> lines, String to) {
    long given = 0;
    for (String line : lines) {
      for (String word : line.split(" ", -1)) {
        given = word.startsWith(to + "=") ? Long.parseLong(word.substring(to.length() + 1)) : given;
      }
    }
    return given;
  }

  @Test
  void a_new_region_waits_until_all_others_have_noted_it() throws IOException {
    QuotaFleet fleet = new QuotaFleet(3, 3_000, 1, Planted.NOTHING, 3);
    fleet.kill(2);
    run(fleet, 100);
    assertThat(fleet.quota(0).remainingHere()).isZero();
    assertThat(fleet.quotas(0).isNoted()).isFalse();
    fleet.start(2);
    run(fleet, 100);
    assertThat(fleet.quotas(0).isNoted()).isTrue();
    assertThat(fleet.quota(0).remainingHere()).isEqualTo(1_000);
    fleet.kill(2);
    fleet.kill(0);
    fleet.start(0);
    run(fleet, 1_000);
    assertThat(fleet.quota(0).window()).isEqualTo(QuotaWindow.parse("2026-11-22"));
    assertThat(fleet.quota(0).remainingHere()).as("that is on disk, too").isEqualTo(1_000);
  }

  @Test
  void other_regions_than_before_share_windows_that_begin_later() {
    disk.addAll(QuotaLedger.begin("a", List.of("a", "b"), START, new Random(1)));
    QuotaLedger ledger = QuotaLedger.read(disk);
    String change = ledger.regionsChange(List.of("c", "b", "a"), START + 5);
    assertThat(change).isEqualTo("regions " + (START + 5) + " a b c");
    ledger.take(java.util.Objects.requireNonNull(change));
    assertThat(ledger.isRegrouped()).isTrue();
    assertThat(ledger.sinceMillis()).isEqualTo(START + 5);
    assertThat(ledger.regionsChange(List.of("a", "b", "c"), START + 6)).isNull();
    QuotaLedger again = QuotaLedger.read(ledger.lines());
    assertThat(again.lines()).isEqualTo(ledger.lines());
    assertThat(again.isRegrouped()).isTrue();
  }

  @Test
  void a_ledger_keeps_what_matters_and_forgets_old_windows() {
    disk.addAll(QuotaLedger.begin("a", List.of("a", "b"), START, new Random(1)));
    disk.add("note b#0123456789abcdef 1");
    disk.add("noted b#0123456789abcdef 2");
    disk.add("window 2026-11-20");
    disk.add("book tenant/t 2026-11-20 5 4 3");
    disk.add("window 2026-11-21");
    disk.add("book tenant/t 2026-11-21 50 10 9 b#0123456789abcdef=7");
    disk.add("window 2026-11-20");
    disk.add("book tenant/t 2026-11-21 50 20 9 b#0123456789abcdef=8");
    disk.add("window 2026-11-22");
    QuotaLedger ledger = QuotaLedger.read(QuotaLedger.read(disk).lines());
    assertThat(ledger.newest(QuotaSpec.Per.DAY)).isEqualTo(QuotaWindow.parse("2026-11-22"));
    assertThat(ledger.books()).hasSize(1);
    QuotaLedger.Book book = ledger.book(QuotaKey.of("tenant/t", "2026-11-21"));
    assertThat(book.reserved()).isEqualTo(20);
    assertThat(book.givenAway()).isEqualTo(8);
    assertThat(ledger.noted()).containsEntry("b#0123456789abcdef", 2);
    assertThat(ledger.notes()).containsEntry("b#0123456789abcdef", 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "x", "book tenant/t 2026-11-21 1", "note b", "window 2026", "book a b 1 1 1"})
  void a_line_that_is_none_is_refused(String line) {
    disk.addAll(QuotaLedger.begin("a", List.of("a"), START, new Random(1)));
    disk.add(line);
    assertThatThrownBy(() -> QuotaLedger.read(disk))
        .hasMessage("line: " + line + " (expected: one of a ledger)");
    assertThatThrownBy(() -> QuotaLedger.read(List.of(line))).hasMessageContaining("first line");
  }

  @Test
  void small_quotas_go_to_different_regions_and_shares_sum_to_the_whole() {
    List<String> regions = List.of("a", "b", "c");
    for (long tokens : new long[] {1, 2, 3, 1000, QuotaSpec.TOKENS_MAX}) {
      for (int id = 0; id < 20; id++) {
        QuotaSpec spec =
            new QuotaSpec("tenant/" + id, LimitSpec.Level.TENANT, tokens, QuotaSpec.Per.DAY, false);
        long sum = 0;
        for (String region : regions) {
          List<String> lines = QuotaLedger.begin(region, regions, 0, new Random(1));
          Quotas quotas = new Quotas(region, regions, QuotaLedger.read(lines), all -> {}, 0);
          sum += quotas.shareOf(spec);
        }
        assertThat(sum).isEqualTo(tokens);
      }
    }
  }

  @Test
  void all_quotas_of_a_nest_agree_or_none_is_spent() throws IOException {
    Quotas quotas = alone();
    Quota outer = quotas.quota(spec(100), 1);
    QuotaSpec small = new QuotaSpec("key/k", LimitSpec.Level.KEY, 2, QuotaSpec.Per.MONTH, false);
    QuotaSpec dry = new QuotaSpec("model/m", LimitSpec.Level.MODEL, 1, QuotaSpec.Per.DAY, true);
    QuotaNest nest =
        QuotaNest.of(List.of(outer, quotas.quota(small, 1))).with(quotas.quota(dry, 1));
    quotas.step(START, 0);
    assertThat(nest.take(1)).isInstanceOf(QuotaNest.Taken.class);
    assertThat(nest.take(1)).as("a dry run denies nothing").isInstanceOf(QuotaNest.Taken.class);
    assertThat(((QuotaNest.Denied) nest.take(1)).by()).isSameAs(nest.quota(1));
    assertThat(outer.spentHere()).isEqualTo(2);
    assertThat(outer.remainingHere()).isEqualTo(98);
    assertThat(nest.quota(2).deniedHere()).isEqualTo(1);
    assertThat(QuotaNest.NONE.take(5)).isInstanceOf(QuotaNest.Taken.class);
    ((QuotaNest.Taken) QuotaNest.of(List.of(outer)).take(2)).giveBack();
    assertThat(outer.remainingHere()).isEqualTo(98);
  }

  @ParameterizedTest
  @CsvSource({
    "tenant/t@2026-11-21,a#0123456789abcdef,1",
    "tenant/t@2026-11-21,x#0123456789abcdef,3",
    "tenant/t@2026-11-21,a,3",
    "tenant/t@2026-11-99,a#0123456789abcdef,3",
    "tenant/t,a#0123456789abcdef,3",
    "tenant/t@2026-11-21>a,a#0123456789abcdef,1",
    "tenant/t@2026-11-21>a#0123456789abcdef,a#0123456789abcdef,2",
    "ledger>a#0123456789abcdef,a#0123456789abcdef,0",
  })
  void a_fact_that_makes_no_sense_is_refused(String key, String writer, int values) {
    QuotaTable table = alone().facts();
    Fact fact = new Fact.Count("quotas", key, writer, new long[values]);
    assertThatThrownBy(() -> table.merge(fact)).isInstanceOf(IllegalArgumentException.class);
    Fact register = new Fact.Register("quotas", key, 1, new byte[0]);
    assertThatThrownBy(() -> table.merge(register)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void merging_does_not_depend_on_order_or_repetition() {
    List<Fact> facts = new ArrayList<>();
    Random random = new Random(5);
    for (int i = 0; i < 200; i++) {
      String writer = (random.nextBoolean() ? "a" : "b") + "#000000000000000" + random.nextInt(3);
      long[] counts = {random.nextInt(100), random.nextInt(100), random.nextInt(2)};
      facts.add(new Fact.Count("quotas", "tenant/t@2026-11-21", writer, counts));
      facts.add(
          new Fact.Count(
              "quotas",
              "tenant/t@2026-11-21>b#000000000000000" + random.nextInt(3),
              writer,
              new long[] {1 + random.nextInt(50)}));
      facts.add(
          new Fact.Count(
              "quotas", "ledger>" + writer, "a#0000000000000001", new long[] {1 + i % 2}));
    }
    List<String> first = merged(facts);
    for (int i = 0; i < 20; i++) {
      List<Fact> other = new ArrayList<>(facts);
      other.addAll(facts.subList(0, 100));
      java.util.Collections.shuffle(other, random);
      assertThat(merged(other)).isEqualTo(first);
    }
  }

  private static List<String> merged(List<Fact> facts) {
    QuotaTable table = new QuotaTable("a#0000000000000009", List.of("a", "b"));
    facts.forEach(table::merge);
    List<String> all = new ArrayList<>();
    table.all(
        fact ->
            all.add(
                fact.key()
                    + " "
                    + ((Fact.Count) fact).writer()
                    + " "
                    + java.util.Arrays.toString(((Fact.Count) fact).values())));
    return all.stream().sorted().toList();
  }
}
