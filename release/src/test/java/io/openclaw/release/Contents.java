package io.openclaw.release;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.openclaw.domain.ApiKey;
import io.openclaw.domain.Decimal;
import io.openclaw.domain.FallbackSpec;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.QuotaSpec;
import io.openclaw.domain.Scope;
import io.openclaw.domain.Tenant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Contents for tests, and the blobs they need. */
final class Contents {
  static final ModelSpec CARD = model("card", "{\"kind\":\"scorecard\"}");

  private Contents() {}

  static ModelSpec model(String name, String json) {
    return new ModelSpec("here", name, "scorecard", "v1", json.getBytes(UTF_8), null);
  }

  static Tenant tenant(String id) {
    return new Tenant(id, List.of("card"), new Decimal(650, 0), 1, null);
  }

  static ApiKey key(String id, String tenant) {
    return new ApiKey(
        id,
        Sha256.hex(id.getBytes(UTF_8)),
        tenant,
        Set.of(Scope.RATE),
        ApiKey.NEVER,
        false,
        null,
        "");
  }

  /** So many tenants, each with a key. */
  static Content of(int tenants) {
    List<Tenant> all = new ArrayList<>();
    List<ApiKey> keys = new ArrayList<>();
    for (int i = 0; i < tenants; i++) {
      all.add(tenant("tenant" + i));
      keys.add(key("aaaaaa" + i, "tenant" + i));
    }
    return new Content(null, null, List.of(CARD), all, keys, List.of(), Map.of());
  }

  /** One of everything, with every member away from its default. */
  static Content full() {
    LimitSpec bounded =
        new LimitSpec(
            "tenant/bank", LimitSpec.Level.TENANT, 500, 30, LimitSpec.Mode.BOUNDED, 7, true);
    return new Content(
        new LimitSpec("global", LimitSpec.Level.GLOBAL, 2_500, 1000),
        new QuotaSpec("global", LimitSpec.Level.GLOBAL, 9_000_000, QuotaSpec.Per.MONTH, false),
        List.of(
            new ModelSpec(
                "z",
                "card",
                "scorecard",
                "v7",
                "{\"kind\":\"scorecard\"}".getBytes(UTF_8),
                new LimitSpec("model/card", LimitSpec.Level.MODEL, 1_000, 20),
                new QuotaSpec("model/card", LimitSpec.Level.MODEL, 70, QuotaSpec.Per.DAY, false),
                60),
            model("another", "{}")),
        List.of(
            new Tenant(
                "bank",
                List.of("card", "another"),
                new Decimal(6505, 1),
                3,
                bounded,
                new QuotaSpec("tenant/bank", LimitSpec.Level.TENANT, 80, QuotaSpec.Per.DAY, true),
                new FallbackSpec(
                    "https://rates.example.net/v1/rate",
                    250,
                    "env:RATES_TOKEN",
                    new FallbackSpec.Probe("/health", 2))),
            tenant("a")),
        List.of(
            new ApiKey(
                "zzzzzz",
                "0".repeat(64),
                "bank",
                Set.of(Scope.RATE, Scope.READ),
                1_893_456_000_000L,
                false,
                new LimitSpec("key/zzzzzz", LimitSpec.Level.KEY, 1_000, 3),
                new QuotaSpec("key/zzzzzz", LimitSpec.Level.KEY, 60, QuotaSpec.Per.MONTH, false),
                "mobile \"app\" ü"),
            new ApiKey(
                "aaaaaa",
                "1".repeat(64),
                null,
                Set.of(Scope.RATE, Scope.TENANTS_ANY),
                ApiKey.NEVER,
                false,
                null,
                "")),
        List.of(),
        Map.of());
  }

  /** What a content's blobs are found in. */
  static Function<String, Found<byte[]>> blobs(Content... contents) {
    Map<String, byte[]> blobs = new HashMap<>();
    for (Content content : contents) {
      blobs.putAll(ContentJson.blobs(content));
    }
    return in(blobs);
  }

  static Function<String, Found<byte[]>> in(Map<String, byte[]> blobs) {
    return digest -> {
      byte[] bytes = blobs.get(digest);
      return bytes == null ? new Found.Missing<>("blob " + digest) : new Found.Whole<>(bytes);
    };
  }
}
