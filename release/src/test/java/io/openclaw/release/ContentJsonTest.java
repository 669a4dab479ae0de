package io.openclaw.release;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.ApiKey;
import io.openclaw.domain.FallbackSpec;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.QuotaSpec;
import io.openclaw.domain.Tenant;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ContentJsonTest {
  private static ContentJson.Reading read(String document, Content blobsOf) {
    return ContentJson.read(document.getBytes(UTF_8), new BlobModels(Contents.blobs(blobsOf)));
  }

  private static String text(Content content) {
    return new String(ContentJson.bytes(content), UTF_8);
  }

  @Test
  void content_survives_its_document() {
    Content full = Contents.full();
    ContentJson.Reading reading = read(text(full), full);
    assertThat(reading.complaints()).isEmpty();
    Content read = Objects.requireNonNull(reading.content());
    assertThat(text(read)).isEqualTo(text(full));
    assertThat(read.global()).isEqualTo(full.global());
    assertThat(read.tenants()).containsExactlyInAnyOrderElementsOf(full.tenants());
    assertThat(read.keys()).containsExactlyInAnyOrderElementsOf(full.keys());
  }

  @Test
  void equal_content_in_another_order_gives_equal_bytes() {
    Content full = Contents.full();
    Content turned =
        new Content(
            full.global(),
            full.globalQuota(),
            full.models().reversed(),
            full.tenants().reversed(),
            full.keys().reversed(),
            List.of(),
            Map.of());
    assertThat(text(turned)).isEqualTo(text(full));
  }

  /** Whoever adds a member to one of these must write it into the document too, and here. */
  @Test
  void every_member_of_content_is_written() {
    Map<Class<?>, List<String>> written =
        Map.of(
            Content.class,
                List.of(
                    "global", "globalQuota", "models", "tenants", "keys", "canaries", "samples"),
            CanarySpec.class,
                List.of(
                    "tenant",
                    "model",
                    "stable",
                    "canary",
                    "traffic",
                    "sticky",
                    "salt",
                    "bins",
                    "thresholds"),
            CanaryBins.class, List.of("edges", "reasonCodes"),
            CanaryThresholds.class,
                List.of(
                    "errorDifferenceMax",
                    "p95RatioMax",
                    "p95MarginMicros",
                    "ratingPsiMax",
                    "reasonPsiMax",
                    "flipsMax",
                    "sampleMin",
                    "promoteAfterNanos"),
            ModelSpec.class,
                List.of(
                    "place", "name", "kind", "version", "bytes", "limit", "quota", "maxAgeSeconds"),
            Tenant.class,
                List.of("id", "models", "threshold", "cost", "limit", "quota", "fallback"),
            ApiKey.class,
                List.of(
                    "id",
                    "sha256",
                    "tenant",
                    "scopes",
                    "expiresAtMillis",
                    "revoked",
                    "limit",
                    "quota",
                    "label"),
            QuotaSpec.class, List.of("id", "level", "tokens", "per", "dryRun"),
            FallbackSpec.class, List.of("url", "timeoutMillis", "authorization", "probe"),
            LimitSpec.class,
                List.of(
                    "id", "level", "milliTokensPerSecond", "burst", "mode", "overdraft", "dryRun"));
    written.forEach(
        (type, members) ->
            assertThat(Arrays.stream(type.getRecordComponents()).map(RecordComponent::getName))
                .as(type.getSimpleName())
                .containsExactlyElementsOf(members));
  }

  @Test
  void what_is_wrong_is_said_with_its_json_pointer() {
    Content full = Contents.full();
    Map<String, String> wrong =
        Map.of(
            text(full).replace("\"threshold\":\"650\"", "\"threshold\":\"lots\""),
                "/tenants/a/threshold: tenants.a.threshold: lots (expected: a number)",
            text(full).replace("\"cost\":3", "\"colour\":3"),
                "/tenants/bank/colour: tenants.bank.colour: unknown",
            text(full).replace("\"kind\":\"scorecard\"", "\"kind\":null"),
                "/models/another/kind: null (expected: a value",
            text(full).replace("\"mode\":\"bounded\"", "\"mode\":\"loose\""),
                "/tenants/bank/limit: tenants.bank.limit.mode: loose",
            text(full).replace("{\"keys\"", "{\"http\":{},\"keys\""), "/http: http: unknown",
            text(full).replace("[\"rate\",\"read\"]", "[\"root\"]"), "/keys/1: keys.scopes: root");
    wrong.forEach(
        (document, complaint) ->
            assertThat(read(document, full).complaints())
                .as(document)
                .anyMatch(each -> each.startsWith(complaint)));
  }

  @Test
  void a_document_that_is_not_canonical_is_refused() {
    Content full = Contents.full();
    for (String other :
        List.of(
            text(full).replace("{\"keys\"", "{ \"keys\""),
            text(full).replace("\"cost\":3", "\"cost\":3.0"),
            text(full).replace("\"a\":{", "\"a\":{\"cost\":1,"),
            text(full).replace("\"threshold\":\"650\"", "\"threshold\":650"))) {
      assertThat(other).isNotEqualTo(text(full));
      assertThat(read(other, full).complaints())
          .as(other)
          .singleElement()
          .asString()
          .contains("canonical");
    }
    assertThat(read(text(full) + text(full), full).complaints())
        .as("doubled")
        .singleElement()
        .asString()
        .contains("text after the JSON value");
  }

  @Test
  void complaints_about_what_is_not_there_are_told_apart() {
    Content full = Contents.full();
    ContentJson.Reading noBlobs =
        ContentJson.read(ContentJson.bytes(full), new BlobModels(Contents.in(Map.of())));
    assertThat(noBlobs.complaints()).isNotEmpty();
    assertThat(noBlobs.dangling()).containsAll(noBlobs.complaints());
    ContentJson.Reading noTenant =
        read(text(full).replace("\"tenant\":\"bank\"", "\"tenant\":\"bonk\""), full);
    assertThat(noTenant.complaints()).singleElement().asString().contains("keys.tenant: bonk");
    assertThat(noTenant.dangling()).containsAll(noTenant.complaints());
  }
}
