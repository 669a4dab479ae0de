package io.openclaw.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.openclaw.domain.ApiKey;
import io.openclaw.domain.Decimal;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.QuotaSpec;
import io.openclaw.domain.Scope;
import io.openclaw.domain.Tenant;
import io.openclaw.release.ModelSpec;
import io.openclaw.yaml.ConfigException;
import io.openclaw.yaml.YamlTree;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigLoaderTest {
  private static final String HASH = "0123456789abcdef".repeat(4);
  private static final String MODEL = "models:\n  m: {kind: items, file: items.json}\n";
  private static final String GOOD = MODEL + "tenants:\n  t: {model: m}\n";
  private static final String REGIONS = "regions: [local, us, eu]\n";
  private static final String MESH = "mesh:\n  kind: peers\n  peers: {us: a:1, eu: b:2}\n";
  private static final Map<String, String> SECRET =
      Map.of(ConfigLoader.MESH_SECRET, "sixteen-letters!");

  @TempDir Path folder = Path.of("");

  @BeforeEach
  void model() throws IOException {
    Files.writeString(folder.resolve("items.json"), "{\"kind\":\"items\"}");
  }

  private Path file(String name, String yaml) throws IOException {
    return Files.writeString(folder.resolve(name), yaml);
  }

  private NodeConfig load(String... yamls) throws IOException, ConfigException {
    return load(Map.of(), Map.of(), yamls);
  }

  private NodeConfig load(
      Map<String, String> environment, Map<Setting, String> flags, String... yamls)
      throws IOException, ConfigException {
    return ConfigLoader.load(false, files(yamls), environment, flags);
  }

  /** {@code a.yaml}, {@code b.yaml}, … */
  private List<Path> files(String... yamls) throws IOException {
    List<Path> files = new java.util.ArrayList<>();
    for (String yaml : yamls) {
      files.add(file((char) ('a' + files.size()) + ".yaml", yaml));
    }
    return files;
  }

  /** Every complaint on its own line, with the folder's name taken out. */
  private List<String> refusals(Map<String, String> environment, String... yamls)
      throws IOException {
    List<Path> files = files(yamls);
    return refusals(files, environment, Map.of());
  }

  private List<String> refusals(
      List<Path> files, Map<String, String> environment, Map<Setting, String> flags) {
    ConfigException refusal =
        catchThrowableOfType(
            ConfigException.class, () -> ConfigLoader.load(false, files, environment, flags));
    assertThat(refusal).as("accepted").isNotNull();
    return String.valueOf(refusal.getMessage()).replace(folder + "/", "").lines().toList();
  }

  private List<String> refusals(String yaml) throws IOException {
    return refusals(Map.of(), yaml);
  }

  @Test
  void the_samples_alone_are_a_configuration() throws ConfigException {
    NodeConfig config = ConfigLoader.load(true, List.of(), Map.of(), Map.of());
    assertThat(config.content().tenants().stream().map(Tenant::id))
        .containsExactly("credit", "items", "content", "default", "trial");
    assertThat(config.content().models().stream().map(ModelSpec::name))
        .containsExactly("credit-g", "items", "content");
    assertThat(config.region()).isEqualTo("local");
    assertThat(config.regions()).containsExactly("local");
    assertThat(config.hasMesh()).isFalse();
    assertThat(config.api().port()).isEqualTo(8080);
  }

  @Test
  void a_tenant_has_everything_its_section_says() throws Exception {
    NodeConfig config =
        load(
            MODEL
                + "tenants:\n"
                + "  t: {models: [m], threshold: 6.50, cost: 2, limit: {rate: 0.125, burst: 1_000},\n"
                + "      quota: {tokens: 1_000_000, per: month, dryRun: true}}\n"
                + "quota: {tokens: 7, per: day}\n");
    assertThat(config.content().tenants())
        .containsExactly(
            new Tenant(
                "t",
                List.of("m"),
                new Decimal(65, 1),
                2,
                new LimitSpec("tenant/t", LimitSpec.Level.TENANT, 125, 1000),
                new QuotaSpec(
                    "tenant/t", LimitSpec.Level.TENANT, 1_000_000, QuotaSpec.Per.MONTH, true)));
    assertThat(config.content().globalQuota())
        .isEqualTo(new QuotaSpec("global", LimitSpec.Level.GLOBAL, 7, QuotaSpec.Per.DAY, false));
    assertThat(config.content().models().getFirst().version()).isEqualTo("v1");
    assertThat(new String(config.content().models().getFirst().bytes(), StandardCharsets.UTF_8))
        .isEqualTo("{\"kind\":\"items\"}");
  }

  @Test
  void a_key_has_everything_its_entry_says() throws Exception {
    NodeConfig config =
        load(
            GOOD
                + "keys:\n"
                + "  - {id: abcdef, sha256: \"%s\", tenant: t}\n".formatted(HASH)
                + "  - {id: any123, sha256: \"%s\", scopes: [rate, \"tenants:any\"],\n"
                    .formatted(HASH)
                + "     expires: 2027-01-31T00:00:00Z, label: ours, limit: {rate: 5, burst: 10}}\n");
    assertThat(config.content().keys())
        .containsExactly(
            new ApiKey("abcdef", HASH, "t", Set.of(Scope.RATE), ApiKey.NEVER, false, null, ""),
            new ApiKey(
                "any123",
                HASH,
                null,
                Set.of(Scope.RATE, Scope.TENANTS_ANY),
                1_801_353_600_000L,
                false,
                new LimitSpec("key/any123", LimitSpec.Level.KEY, 5000, 10),
                "ours"));
  }

  /** What stands after {@code @} is put below the good configuration; the line counts from it. */
  @Test
  void a_location_of_releases_is_a_plain_address_and_its_secret_goes_nowhere_in_clear()
      throws Exception {
    String https = GOOD + "release: {source: 'https://cdn.example.net/releases'}\n";
    Map<String, String> secret = Map.of(ConfigLoader.SOURCE_AUTHORIZATION, "Bearer hush-hush");
    NodeConfig config = load(secret, Map.of(), https);
    assertThat(config.sourceAuthorization().reveal()).isEqualTo("Bearer hush-hush");
    assertThat(config.toString()).doesNotContain("hush");
    assertThat(load(https).sourceAuthorization().isNone()).isTrue();
    String here = GOOD + "release: {source: 'http://127.0.0.1:80'}\n";
    assertThat(load(secret, Map.of(), here).sourceAuthorization().isNone()).isFalse();
    String http = GOOD + "release: {source: 'http://cdn.example.net/'}\n";
    assertThat(load(http).get(Setting.RELEASE_SOURCE)).isEqualTo("http://cdn.example.net/");
    assertThat(refusals(secret, http))
        .singleElement()
        .asString()
        .contains("expected: https, since a secret is sent there")
        .doesNotContain("hush");
    assertThat(refusals(secret, GOOD))
        .containsExactly("OPENCLAW_RELEASE_SOURCE_AUTHORIZATION: no effect without release.source");
    for (String wrong :
        List.of(
            "ftp://cdn.example.net", "cdn", "https://a:hush@b/", "https://a/?sig=hush", "https:")) {
      assertThat(refusals(GOOD + "release: {source: '" + wrong + "'}\n"))
          .singleElement()
          .asString()
          .contains("release.source: ")
          .contains("(expected: like https://example.net/folder")
          .doesNotContain("hush");
    }
    assertThat(refusals(Map.of(ConfigLoader.SOURCE_AUTHORIZATION, "a\nhush"), https))
        .singleElement()
        .asString()
        .doesNotContain("hush");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "@jobs: {webhookAllow: a}  | a.yaml:5:7: jobs.webhookAllow: no effect without jobs.webhookSecret",
        "@jobs: {webhookSecret: 'env:A', webhookAllow: 'a/b'}  | a.yaml:5:7: jobs.webhookAllow: a/b (expected: host or host:port, separated by commas)",
        "@jobs: {keepHours: 0}  | a.yaml:5:19: jobs.keepHours: 0 (expected: a whole number, 1 to 8760)",
        "@batch: {rows: 1}  | a.yaml:5:15: batch.rows: unknown (expected: one of [itemBytesMax, itemsMax, stallMillis, underWayMax])",
        "@colour: red      | a.yaml:5:9: colour: unknown (expected: one of [admin, batch, cache, canaries, data, http, idempotency, jobs, keys, leases, limit, mesh, metrics, models, quota, region, regions, release, tenants])",
        "@http: {prot: 1}  | a.yaml:5:14: http.prot: unknown (expected: one of [bodyBytesMax, bodyMillis, concurrencyMin, connectionsMax, deadlineMillis, drainMillis, headerMillis, host, idleMillis, inFlightMax, port, tls, warmUpMillis])",
        "@metrics: {x: 1}  | a.yaml:5:14: metrics.x: unknown (expected: one of [host, port])",
        "@admin: {x: 1}    | a.yaml:5:12: admin.x: unknown (expected: one of [host, port, tls])",
        "@http: {port: x}  | a.yaml:5:14: http.port: x (expected: a whole number, 0 to 65535)",
        "@http: {port: 65536} | a.yaml:5:14: http.port: 65536 (expected: a whole number, 0 to 65535)",
        "@http: {port: -1} | a.yaml:5:14: http.port: -1 (expected: a whole number, 0 to 65535)",
        "@http: {port: }   | a.yaml:5:13: http.port:  (expected: a whole number, 0 to 65535)",
        "@http: {port: 80.5} | a.yaml:5:14: http.port: 80.5 (expected: a whole number, 0 to 65535)",
        "@http: {port: [1]} | a.yaml:5:14: http.port: (expected: one value)",
        "@http: {bodyBytesMax: 99} | a.yaml:5:22: http.bodyBytesMax: 99 (expected: a whole number, 1024 to 67108864)",
        "@http: 5          | a.yaml:5:7: http: 5 (expected: a map)",
        "@http: [5]        | a.yaml:5:7: http: a list (expected: a map)",
        "@data: ''         | a.yaml:5:7: data:  (expected: some text)",
        "@region: a b      | a.yaml:5:9: region: a b (expected: letters, digits, '.' or '-', at most 63)",
        "@region: a#1      | a.yaml:5:9: region: a#1 (expected: letters, digits, '.' or '-', at most 63)",
        "@mesh: {kind: nats} | a.yaml:5:14: mesh.kind: nats (expected: one of [none, peers])",
        "@leases: {millis: 500} | a.yaml:5:18: leases.millis: no effect without mesh.kind: peers",
        "@leases: {x: 1}   | a.yaml:5:13: leases.x: unknown (expected: one of [configuration, driftPpm, floorPpm, millis, voters, votersBefore])",
        "@quota: {per: day} | a.yaml:5:8: quota: (expected: tokens, a whole number, and per, day or month)",
        "@limit: {rate: 1} | a.yaml:5:8: limit: (expected: rate, tokens per second, and burst, whole tokens)",
        "@mesh: {port: 9}  | a.yaml:5:14: mesh.port: no effect without mesh.kind: peers",
        "@mesh: {kind: none, peers: {us: a:1}} | a.yaml:5:27: mesh.peers: no effect without mesh.kind: peers",
        "@regions: [local, us] | a.yaml:5:10: regions: more than one without mesh.kind (expected: mesh.kind: peers)",
        "@regions: [us]    | a.yaml:5:10: regions: [us] (expected: this node's region among them, local)",
        "@regions: [local, local] | a.yaml:5:10: regions: (expected: at most 300 different names)",
        "@keys: 5          | a.yaml:5:7: keys: (expected: a list)",
        "@keys: [5]        | a.yaml:5:8: keys: (expected: maps with id, sha256 and tenant)",
      })
  void what_is_unknown_wrong_or_without_effect_is_refused_with_its_place(
      String yaml, String refusal) throws IOException {
    assertThat(refusals(yaml.replace("@", GOOD))).contains(refusal);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{model: x}                    | a.yaml:4:6: tenants.t.models: x (expected: one of [m])",
        "{models: [m, x]}              | a.yaml:4:6: tenants.t.models: x (expected: one of [m])",
        "{model: m, models: [m]}       | a.yaml:4:6: tenants.t: model and models (expected: one of them)",
        "{}                            | a.yaml:4:6: tenants.t: tenant t: no model",
        "5                             | a.yaml:4:6: tenants.t: 5 (expected: a map)",
        "{model: m, treshold: 5}       | a.yaml:4:27: tenants.t.treshold: unknown (expected: one of [cost, fallback, limit, model, models, quota, samples, threshold])",
        "{model: m, threshold: high}   | a.yaml:4:28: tenants.t.threshold: high (expected: a number)",
        "{model: m, threshold: 1e2147483647} | a.yaml:4:28: tenants.t.threshold: 1e2147483647 (expected: a number)",
        "{model: m, cost: 0}           | a.yaml:4:23: tenants.t.cost: 0 (expected: a whole number, 1 to 1000000000)",
        "{model: m, cost: 3, limit: {rate: 1, burst: 2}} | a.yaml:4:6: tenants.t: cost: 3 (expected: 1 to the burst, 2)",
        "{model: m, limit: 5}          | a.yaml:4:24: tenants.t.limit: 5 (expected: a map)",
        "{model: m, limit: }           | a.yaml:4:23: tenants.t.limit: (expected: rate, tokens per second, and burst, whole tokens)",
        "{model: m, limit: {rate: 5}}  | a.yaml:4:24: tenants.t.limit: (expected: rate, tokens per second, and burst, whole tokens)",
        "{model: m, limit: {burst: 5}} | a.yaml:4:24: tenants.t.limit: (expected: rate, tokens per second, and burst, whole tokens)",
        "{model: m, limit: {rate: 5, burst: 5, x: 1}} | a.yaml:4:47: tenants.t.limit.x: unknown (expected: one of [burst, dryRun, mode, overdraft, rate])",
        "{model: m, limit: {rate: 5, burst: 5, mode: loose}} | a.yaml:4:24: tenants.t.limit.mode: loose (expected: one of [strict, bounded, gossip])",
        "{model: m, limit: {rate: 5, burst: 5, mode: bounded}} | a.yaml:4:24: tenants.t.limit.overdraft: 0 (expected: 1 to 1000000000)",
        "{model: m, limit: {rate: 5, burst: 5, overdraft: 3}} | a.yaml:4:24: tenants.t.limit.overdraft: 3 (expected: none in mode strict)",
        "{model: m, limit: {rate: 5, burst: 5, dryRun: maybe}} | a.yaml:4:24: tenants.t.limit.dryRun: maybe (expected: one of [false, true])",
        "{model: m, limit: {rate: 0, burst: 5}} | a.yaml:4:24: tenants.t.limit.rate: 0.0 (expected: 0.001 to 100000000)",
        "{model: m, limit: {rate: 0.0001, burst: 5}} | a.yaml:4:24: tenants.t.limit.rate: 0.0001 (expected: at most three digits after the point)",
        "{model: m, limit: {rate: x, burst: 5}} | a.yaml:4:31: tenants.t.limit.rate: x (expected: a number)",
        "{model: m, limit: {rate: 5, burst: 0}} | a.yaml:4:41: tenants.t.limit.burst: 0 (expected: a whole number, 1 to 1000000000)",
        "{model: m, quota: 5}          | a.yaml:4:24: tenants.t.quota: 5 (expected: a map)",
        "{model: m, quota: {tokens: 5}} | a.yaml:4:24: tenants.t.quota: (expected: tokens, a whole number, and per, day or month)",
        "{model: m, quota: {tokens: 5, per: year}} | a.yaml:4:41: tenants.t.quota.per: year (expected: one of [day, month])",
        "{model: m, quota: {tokens: 0, per: day}} | a.yaml:4:33: tenants.t.quota.tokens: 0 (expected: a whole number, 1 to 1000000000000000)",
        "{model: m, quota: {tokens: 5, per: day, mode: x}} | a.yaml:4:52: tenants.t.quota.mode: unknown (expected: one of [dryRun, per, tokens])",
        "{model: m, cost: 3, quota: {tokens: 2, per: day}} | a.yaml:4:6: tenants.t: quota.tokens: 2 (expected: >= the cost, 3)",
        "{model: m, fallback: 5}       | a.yaml:4:27: tenants.t.fallback: 5 (expected: a map)",
        "{model: m, limit: {rate: 5, burst: 1.5}} | a.yaml:4:41: tenants.t.limit.burst: 1.5 (expected: a whole number, 1 to 1000000000)",
      })
  void a_wrong_tenant_is_refused_with_its_place(String tenant, String refusal) throws IOException {
    assertThat(refusals(MODEL + "tenants:\n  t: " + tenant)).contains(refusal);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{model: m, fallback: {}}      | tenants.t.fallback.url:  (expected: like https://host:8443/path",
        "{model: m, fallback: {url: ftp://h/x}} | tenants.t.fallback.url: ftp://h/x (expected: like",
        "{model: m, fallback: {url: http://h:0/}} | tenants.t.fallback.url: http://h:0/ (expected: like",
        "{model: m, fallback: {url: 'http://h:70000/'}} | tenants.t.fallback.url: http://h:70000/ (expected: like",
        "{model: m, fallback: {url: 'http://h/%zz'}} | tenants.t.fallback.url: http://h/%zz (expected: like",
        "{model: m, fallback: {url: http://u:p4ss@h/}} | tenants.t.fallback.url: with a user, query or fragment (expected: none of them",
        "{model: m, fallback: {url: 'http://h/?k=p4ss'}} | tenants.t.fallback.url: with a user, query or fragment (expected: none of them",
        "{model: m, fallback: {url: 'http://h h/'}} | tenants.t.fallback.url: http://h h/ (expected: like",
        "{model: m, fallback: {url: http://h, x: 1}} | tenants.t.fallback.x: unknown (expected: one of [authorization, probe, timeoutMillis, url])",
        "{model: m, fallback: {url: http://h, timeoutMillis: 9}} | tenants.t.fallback.timeoutMillis: 9 (expected: a whole number, 10 to 10000)",
        "{model: m, fallback: {url: http://h, authorization: Bearer p4ss}} | tenants.t.fallback.authorization: not a reference (expected: env:NAME or file:/absolute/path; the secret itself",
        "{model: m, fallback: {url: http://h, authorization: file:p4ss}} | tenants.t.fallback.authorization: not a reference (expected: env:NAME or file:/absolute/path; the secret itself",
        "{model: m, fallback: {url: http://h, probe: {path: x}}} | tenants.t.fallback.probe.path: (expected: a path that begins with /",
        "{model: m, fallback: {url: http://h, probe: {path: /x, everySeconds: 0}}} | tenants.t.fallback.probe.everySeconds: 0 (expected: a whole number, 1 to 3600)",
      })
  void a_wrong_fallback_is_refused_and_no_secret_is_shown(String tenant, String refusal)
      throws IOException {
    assertThat(String.join("\n", refusals(MODEL + "tenants:\n  t: " + tenant)))
        .startsWith("a.yaml:4:")
        .contains(refusal)
        .doesNotContain("p4ss");
  }

  @Test
  void the_cache_of_a_model_has_an_age_and_is_only_for_ratings_that_may_be_kept() throws Exception {
    String head = "tenants: {t: {model: m}}\nmodels:\n  m: {kind: ";
    String card = head + "scorecard, file: 'builtin:credit-g.scorecard.json', cache: ";
    assertThat(load(card + "{maxAgeSeconds: 60}}\n").content().models().getFirst().maxAgeSeconds())
        .isEqualTo(60);
    assertThat(load(head + "items, file: 'builtin:items.json'}\n").content().models().getFirst())
        .returns(0, io.openclaw.release.ModelSpec::maxAgeSeconds);
    assertThat(refusals(card + "{}}\n"))
        .singleElement()
        .asString()
        .endsWith("models.m.cache: (expected: maxAgeSeconds)");
    for (String wrong : List.of("0", "86401", "soon")) {
      assertThat(refusals(card + "{maxAgeSeconds: " + wrong + "}}\n"))
          .singleElement()
          .asString()
          .contains("models.m.cache.maxAgeSeconds: " + wrong);
    }
    assertThat(refusals(head + "items, file: 'builtin:items.json', cache: {maxAgeSeconds: 60}}\n"))
        .singleElement()
        .asString()
        .endsWith("models.m.cache: no effect (expected: none, since every rating counts)");
  }

  @Test
  void a_shared_cache_needs_a_plain_address_and_a_secret_and_its_secrets_stay_secret()
      throws Exception {
    String redis = GOOD + "cache: {redisUrl: 'redis://127.0.0.1:6379'}\n";
    Map<String, String> secrets =
        Map.of(
            ConfigLoader.CACHE_SECRET, "hush-hush-hush-hush", ConfigLoader.CACHE_PASSWORD, "hush2");
    NodeConfig config = load(secrets, Map.of(), redis);
    assertThat(config.cacheSecrets().signature().reveal()).isEqualTo("hush-hush-hush-hush");
    assertThat(config.cacheSecrets().password().reveal()).isEqualTo("hush2");
    assertThat(config.toString()).doesNotContain("hush");
    assertThat(refusals(redis))
        .containsExactly(
            "cache.redisUrl needs a secret of 16 to 512 visible ASCII characters in"
                + " OPENCLAW_CACHE_SECRET, the same on every node");
    assertThat(refusals(secrets, GOOD))
        .containsExactly(
            "OPENCLAW_CACHE_SECRET: no effect without cache.redisUrl",
            "OPENCLAW_CACHE_REDIS_PASSWORD: no effect without cache.redisUrl");
    for (String wrong : List.of("http://a", "redis://u:hush@b", "redis://", "redis://a?p=hush")) {
      assertThat(refusals(secrets, GOOD + "cache: {redisUrl: '" + wrong + "'}\n"))
          .singleElement()
          .asString()
          .contains("cache.redisUrl: ")
          .contains("(expected: like redis://host:6379")
          .doesNotContain("hush");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{kind: dmn, file: items.json}     | a.yaml:2:6: models.m.kind: dmn (expected: one of [chain, content, expression, items, onnx, pmml, regression, scorecard, trees, wasm])",
        "{file: items.json}                | a.yaml:2:6: models.m.kind:  (expected: one of [chain, content, expression, items, onnx, pmml, regression, scorecard, trees, wasm])",
        "{kind: items}                     | a.yaml:2:6: models.m.file: missing (expected: the model's JSON file)",
        "{kind: items, file: none.json}    | a.yaml:2:26: models.m.file: none.json cannot be read",
        "{kind: items, file: 'builtin:x'}  | a.yaml:2:26: models.m.file: builtin:x (expected: builtin:credit-g.scorecard.json, builtin:items.json or builtin:content.json)",
        "{kind: items, file: 'builtin:../x'} | a.yaml:2:26: models.m.file: builtin:../x (expected: builtin:credit-g.scorecard.json, builtin:items.json or builtin:content.json)",
        "{kind: items, file: big.json}     | a.yaml:2:26: models.m.file: big.json is larger than 16777216 bytes",
        "{kind: items, file: items.json, v: 1} | a.yaml:2:41: models.m.v: unknown (expected: one of [cache, file, kind, limit, quota, version])",
      })
  void a_wrong_model_is_refused_with_its_place(String model, String refusal) throws IOException {
    try (RandomAccessFile big = new RandomAccessFile(folder.resolve("big.json").toFile(), "rw")) {
      big.setLength((16 << 20) + 1);
    }
    assertThat(refusals("models:\n  m: " + model + "\ntenants:\n  t: {model: m}\n"))
        .contains(refusal);
  }

  @Test
  void a_model_that_no_tenant_uses_is_refused() throws IOException {
    assertThat(refusals(GOOD.replace("tenants:", "  n: {kind: items, file: items.json}\ntenants:")))
        .containsExactly("a.yaml:3:6: models.n: no tenant uses it");
    assertThat(refusals(MODEL)).containsExactly("a.yaml:2:6: models.m: no tenant uses it");
    assertThat(refusals(""))
        .containsExactly("no tenant is configured (expected: at least one under tenants)");
    assertThat(refusals("models:\n  'm/n': {kind: items, file: items.json}\n"))
        .contains(
            "a.yaml:2:10: models.m/n: (expected: a name of letters, digits, '.', '_' or '-')");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{id: abc, sha256: #, tenant: t}     | a.yaml:6:5: keys: key id: \"abc\" (expected: 6 to 32 letters and digits)",
        "{sha256: #, tenant: t}              | a.yaml:6:5: keys: key id: \"\" (expected: 6 to 32 letters and digits)",
        "{id: abcdef, tenant: t}             | a.yaml:6:5: keys: sha256 of key abcdef (expected: 64 lower-case hex digits)",
        "{id: abcdef, sha256: #}             | a.yaml:6:5: keys.tenant: none (expected: one of [t], or none with the scope tenants:any)",
        "{id: abcdef, sha256: #, tenant: u}  | a.yaml:6:5: keys.tenant: u (expected: one of [t], or none with the scope tenants:any)",
        "{id: abcdef, sha256: #, tenant: t, scopes: ['tenants:any']} | a.yaml:6:5: keys.tenant: t (expected: one of [t], or none with the scope tenants:any)",
        "{id: abcdef, sha256: #, tenant: t, scopes: [root]} | a.yaml:6:5: keys.scopes: root (expected: one of [rate, read, tenants:any])",
        "{id: abcdef, sha256: #, tenant: t, expires: tomorrow} | a.yaml:6:114: keys.expires: tomorrow (expected: like 2027-01-31T00:00:00Z)",
        "{id: abcdef, sha256: #, tenant: t, secret: x} | a.yaml:6:113: keys.secret: unknown (expected: one of [expires, id, label, limit, quota, scopes, sha256, tenant])",
        "{id: abcdef, sha256: #, tenant: t, quota: {tokens: 2, per: day}} | a.yaml:6:5: keys.quota.tokens: 2 (expected: >= the tenant's cost, 3)",
        "{id: abcdef, sha256: #, tenant: t, limit: {rate: 1, burst: 2}} | a.yaml:6:5: keys.limit.burst: 2 (expected: >= the tenant's cost, 3)",
      })
  void a_wrong_key_is_refused_with_its_place(String key, String refusal) throws IOException {
    assertThat(
            refusals(
                GOOD.replace("{model: m}", "{model: m, cost: 3}")
                    + "keys:\n  - "
                    + key.replace("#", "\"" + HASH + "\"")))
        .contains(refusal);
  }

  @Test
  void a_key_that_stands_there_twice_is_refused_over_files_too() throws IOException {
    String key = "keys: [{id: abcdef, sha256: \"%s\", tenant: t}]\n".formatted(HASH);
    assertThat(refusals(Map.of(), GOOD + key, key))
        .containsExactly("b.yaml:1:8: keys: abcdef stands here twice");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{us: a:1}                          | a.yaml:7:3: mesh.peers.eu: missing (expected: host:port)",
        "{us: a:1, eu: b:2, mars: c:3}      | a.yaml:8:10: mesh.peers.mars: (expected: one of the other regions, [local, us, eu])",
        "{us: a:1, eu: b:2, local: c:3}     | a.yaml:8:10: mesh.peers.local: (expected: one of the other regions, [local, us, eu])",
        "{us: a, eu: b:2}                   | a.yaml:8:10: mesh.peers.us: a (expected: host:port)",
        "{us: a:x, eu: b:2}                 | a.yaml:8:10: mesh.peers.us: a:x (expected: host:port)",
        "{us: a:99999, eu: b:2}             | a.yaml:8:10: mesh.peers.us: a:99999 (expected: host:port)",
        "{us: a:0, eu: b:2}                 | a.yaml:8:10: mesh.peers.us: a:0 (expected: host:port)",
        "5                                  | a.yaml:8:10: mesh.peers: 5 (expected: a map)",
      })
  void a_wrong_peer_is_refused_with_its_place(String peers, String refusal) throws IOException {
    String yaml = GOOD + REGIONS + "mesh:\n  kind: peers\n  peers: " + peers;
    assertThat(refusals(SECRET, yaml)).contains(refusal);
  }

  @Test
  void regions_and_their_peers_are_read() throws Exception {
    NodeConfig config =
        load(SECRET, Map.of(), GOOD + REGIONS + MESH.replace("a:1", "\"[::1]:9102\""));
    assertThat(config.regions()).containsExactly("local", "us", "eu");
    assertThat(config.peers()).isEqualTo(Map.of("us", "[::1]:9102", "eu", "b:2"));
    assertThat(config.hasMesh()).isTrue();
    assertThat(config.meshSecret().reveal()).isEqualTo("sixteen-letters!");
    assertThat(config.toString()).doesNotContain("sixteen");
  }

  @Test
  void a_mesh_without_a_good_secret_is_refused_and_the_secret_is_not_shown() throws Exception {
    String yaml = GOOD + REGIONS + MESH;
    String refusal =
        "mesh.kind: peers needs a secret of 16 to 512 visible ASCII characters in mesh.secretFile or"
            + " OPENCLAW_MESH_SECRET";
    assertThat(refusals(yaml)).containsExactly(refusal);
    for (String secret :
        List.of("too-short", "with a blank in it", "\u00e9".repeat(20), "x".repeat(5000))) {
      assertThat(refusals(Map.of(ConfigLoader.MESH_SECRET, secret), yaml)).containsExactly(refusal);
    }
    String withFile = yaml + "  secretFile: " + folder + "/secret\n";
    assertThat(refusals(withFile)).containsExactly("mesh.secretFile: secret cannot be read");
    file("secret", "  from-a-file-of-ours\n");
    assertThat(load(withFile).meshSecret().reveal()).isEqualTo("from-a-file-of-ours");
    assertThat(load(SECRET, Map.of(), withFile).meshSecret().reveal())
        .isEqualTo("sixteen-letters!");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a: 1~a: 2             | a.yaml:2:1: a stands here twice",
        "http:~  port: 1~  'port': 2 | a.yaml:3:3: port stands here twice",
        "a: [1                 | a.yaml:2:1: not valid YAML: expected ',' or ']', but got <stream end>",
        "a: b: c               | a.yaml:1:5: not valid YAML: mapping values are not allowed here",
        "- a                   | a.yaml:1:1: (expected: a map of settings)",
        "hello                 | a.yaml:1:1: (expected: a map of settings)",
        "[a]: 1                | a.yaml:1:1: a key must be text",
        "a: *b                 | a.yaml:1:4: not valid YAML: found undefined alias b",
        "a: &b [*b]            | a.yaml: nested too deeply",
      })
  void what_is_no_yaml_map_is_refused_with_its_place(String yaml, String refusal)
      throws IOException {
    assertThat(refusals(yaml.replace('~', '\n') + "\n")).containsExactly(refusal);
  }

  @Test
  void a_file_that_cannot_be_read_is_named() throws IOException {
    Path missing = folder.resolve("none.yaml");
    assertThat(refusals(List.of(missing), Map.of(), Map.of()))
        .containsExactly(
            "none.yaml: cannot be read (NoSuchFileException); name a readable YAML file");
    Path latin = Files.write(folder.resolve("latin.yaml"), new byte[] {'a', ':', (byte) 0xe9});
    assertThat(refusals(List.of(latin), Map.of(), Map.of()))
        .containsExactly(
            "latin.yaml: cannot be read (MalformedInputException); name a readable YAML file");
  }

  @Test
  void a_file_of_unreasonable_size_depth_or_aliases_is_refused_quickly() throws IOException {
    try (RandomAccessFile big = new RandomAccessFile(folder.resolve("big.yaml").toFile(), "rw")) {
      big.setLength(YamlTree.FILE_BYTES_MAX + 1L);
    }
    assertThat(refusals(List.of(folder.resolve("big.yaml")), Map.of(), Map.of()))
        .containsExactly("big.yaml: larger than 67108864 bytes");
    assertThat(refusals("a: " + "[".repeat(100_000))).containsExactly("a.yaml: nested too deeply");
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x]\n");
    IntStream.rangeClosed(1, 16)
        .forEach(
            i ->
                bomb.append("a%d: &a%d [*a%d, *a%d, *a%d]\n".formatted(i, i, i - 1, i - 1, i - 1)));
    assertThat(refusals(bomb.toString()))
        .containsExactly(
            "a.yaml: more than 2000000 values (an alias counts as often as it is used)");
    assertThat(refusals("a: &a {}\nb: [" + "*a, ".repeat(60) + "]"))
        .containsExactly(
            "a.yaml: not valid YAML: Number of aliases for non-scalar nodes exceeds the specified"
                + " max=50");
  }

  @Test
  void variables_override_files_and_flags_override_variables() throws Exception {
    String yaml = GOOD + "http: {port: 1, host: 'file'}\nmetrics: {port: 2}\n";
    NodeConfig config =
        load(
            Map.of("OPENCLAW_HTTP_PORT", "11", "OPENCLAW_METRICS_PORT", "12", "HOME", "/"),
            Map.of(Setting.METRICS_PORT, "22"),
            yaml);
    assertThat(config.api().host()).isEqualTo("file");
    assertThat(config.api().port()).isEqualTo(11);
    assertThat(config.metrics().port()).isEqualTo(22);
    assertThat(config.admin().port()).isEqualTo(9101);
  }

  @Test
  void a_wrong_variable_or_flag_is_named() throws IOException {
    List<Path> files = files(GOOD);
    assertThat(refusals(files, Map.of("OPENCLAW_HTTP_PORT", "x"), Map.of()))
        .containsExactly("OPENCLAW_HTTP_PORT: x (expected: a whole number, 0 to 65535)");
    assertThat(refusals(files, Map.of("OPENCLAW_HTTP_PORT", ""), Map.of()))
        .containsExactly("OPENCLAW_HTTP_PORT:  (expected: a whole number, 0 to 65535)");
    assertThat(refusals(files, Map.of(), Map.of(Setting.REGION, " ")))
        .containsExactly("--region:   (expected: letters, digits, '.' or '-', at most 63)");
    assertThat(refusals(files, Map.of("OPENCLAW_HTTP_PROT", "1"), Map.of()))
        .singleElement()
        .asString()
        .startsWith("OPENCLAW_HTTP_PROT: unknown environment variable (expected: one of [")
        .contains("OPENCLAW_HTTP_PORT")
        .contains("OPENCLAW_MESH_SECRET");
  }

  @Test
  void a_later_file_overlays_an_earlier_one_member_by_member_and_keys_add_up() throws Exception {
    String key = "keys: [{id: %s, sha256: \"" + HASH + "\", tenant: t}]\n";
    NodeConfig config =
        load(
            GOOD.replace("{model: m}", "{model: m, threshold: 5, limit: {rate: 5, burst: 5}}")
                + "http: {port: 1, bodyMillis: 200}\n"
                + key.formatted("first1"),
            "tenants:\n  t: {limit: {rate: 7}}\n  u: {model: m}\nhttp: {port: 2}\n"
                + key.formatted("second"));
    Tenant t = config.content().tenants().getFirst();
    assertThat(t.threshold()).isEqualTo(new Decimal(5, 0));
    assertThat(t.limit()).isEqualTo(new LimitSpec("tenant/t", LimitSpec.Level.TENANT, 7000, 5));
    assertThat(config.content().tenants().getLast().id()).isEqualTo("u");
    assertThat(config.api().port()).isEqualTo(2);
    assertThat(config.get(Setting.HTTP_BODY_MILLIS)).isEqualTo("200");
    assertThat(config.content().keys().stream().map(ApiKey::id))
        .containsExactly("first1", "second");
  }

  @Test
  void a_later_file_may_say_model_where_an_earlier_one_says_models() throws Exception {
    String two = "models:\n  n: {kind: items, file: items.json}\ntenants:\n";
    NodeConfig config =
        load(
            MODEL + "tenants:\n  t: {models: [m]}\n  u: {model: m}\n",
            two + "  t: {model: n}\n  u: {models: [n, m]}\n");
    assertThat(config.content().tenants().stream().map(Tenant::models))
        .containsExactly(List.of("n"), List.of("n", "m"));
  }

  @Test
  void a_model_file_is_found_beside_the_configuration_that_names_it() throws Exception {
    Path sub = Files.createDirectories(folder.resolve("sub:1:2"));
    Files.writeString(sub.resolve("own.json"), "{\"kind\":\"items\",\"prior\":{\"weight\":1}}");
    Path below = file("a.yaml", GOOD);
    Path above =
        Files.writeString(sub.resolve("b.yaml"), "models:\n  m: {file: own.json, version: v2}\n");
    NodeConfig config = ConfigLoader.load(false, List.of(below, above), Map.of(), Map.of());
    assertThat(new String(config.content().models().getFirst().bytes(), StandardCharsets.UTF_8))
        .contains("weight");
    assertThat(config.content().models().getFirst().version()).isEqualTo("v2");
  }

  @Test
  void everything_that_is_wrong_is_told_at_once_and_nothing_twice() throws IOException {
    assertThat(
            refusals(
                "http: 5\nmetrics: {port: x, x: 1}\n" + GOOD.replace("{model: m}", "{model: n}")))
        .containsExactly(
            "a.yaml:1:7: http: 5 (expected: a map)",
            "a.yaml:2:17: metrics.port: x (expected: a whole number, 0 to 65535)",
            "a.yaml:2:23: metrics.x: unknown (expected: one of [host, port])",
            "a.yaml:6:6: tenants.t.models: n (expected: one of [m])",
            "a.yaml:4:6: models.m: no tenant uses it");
  }
}
