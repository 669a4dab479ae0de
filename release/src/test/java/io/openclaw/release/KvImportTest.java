package io.openclaw.release;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.ApiKey;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.QuotaSpec;
import io.openclaw.domain.Tenant;
import io.openclaw.yaml.ConfigException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KvImportTest {
  private static final String MODEL =
      Base64.getEncoder().encodeToString("{\"kind\":\"scorecard\"}".getBytes(UTF_8));
  private static final Content BASE =
      new Content(
          new LimitSpec("global", LimitSpec.Level.GLOBAL, 500, 5),
          new QuotaSpec("global", LimitSpec.Level.GLOBAL, 900, QuotaSpec.Per.DAY, false),
          List.of(Contents.CARD),
          List.of(Contents.tenant("tenantA"), Contents.tenant("gone")),
          List.of(Contents.key("aaaaaa", "tenantA"), Contents.key("bbbbbb", "gone")),
          List.of(),
          Map.of());

  private static Content read(String document) throws ConfigException {
    return KvImport.read(document.getBytes(UTF_8), BASE);
  }

  @Test
  void the_document_of_the_specification_is_taken_as_it_is() throws Exception {
    Content content =
        read(
            "{\"ratingModels\": {\"v1\": \""
                + MODEL
                + "\"}, \"tenantConfigs\": {\"tenantA\": {\"model\": \"v1\", \"threshold\": 650},"
                + " \"tenantB\": {\"model\": \"v1\"}}}");
    assertThat(content.tenants()).extracting(Tenant::id).containsExactly("tenantA", "tenantB");
    assertThat(content.tenants().getFirst().threshold()).hasToString("650");
    assertThat(content.models())
        .singleElement()
        .satisfies(
            model -> {
              assertThat(model.name()).isEqualTo("v1");
              assertThat(model.version()).isEqualTo("v1");
              assertThat(model.kind()).isEqualTo("scorecard");
            });
    assertThat(content.keys()).extracting(ApiKey::id).containsExactly("aaaaaa");
    assertThat(content.global()).isEqualTo(BASE.global());
    assertThat(content.globalQuota()).isEqualTo(BASE.globalQuota());
    assertThat(
            ContentJson.read(ContentJson.bytes(content), new BlobModels(Contents.blobs(content)))
                .complaints())
        .isEmpty();
  }

  @Test
  void what_is_wrong_is_said_with_its_json_pointer() {
    String models = "{\"ratingModels\":{\"v1\":\"" + MODEL + "\"},\"tenantConfigs\":";
    Map<String, String> wrong =
        Map.ofEntries(
            Map.entry("{", "not JSON"),
            Map.entry("[]", "the document: an array"),
            Map.entry("{\"ratingModels\":{}}", "/tenantConfigs: absent"),
            Map.entry(models + "{}}", "/tenantConfigs: empty"),
            Map.entry(models + "{\"a\":{\"model\":\"v1\"}},\"x\":1}", "/x: unknown"),
            Map.entry(models + "{\"a\":{\"model\":\"v2\"}}}", "/tenantConfigs/a/model: \"v2\""),
            Map.entry(models + "{\"a\":{}}}", "/tenantConfigs/a/model: absent"),
            Map.entry(
                models + "{\"a\":{\"model\":\"v1\",\"threshold\":\"650\"}}}",
                "/tenantConfigs/a/threshold: a string"),
            Map.entry(
                models + "{\"a\":{\"model\":\"v1\",\"cost\":1}}}",
                "/tenantConfigs/a/cost: unknown"),
            Map.entry(models + "{\"a b\":{\"model\":\"v1\"}}}", "/tenantConfigs/a b"),
            Map.entry(
                "{\"ratingModels\":{\"v1\":\"?\"},\"tenantConfigs\":{\"a\":{\"model\":\"v1\"}}}",
                "/ratingModels/v1: not Base64"),
            Map.entry(
                "{\"ratingModels\":{\"v1\":7},\"tenantConfigs\":{\"a\":{\"model\":\"v1\"}}}",
                "/ratingModels/v1: a number"),
            Map.entry(
                "{\"ratingModels\":{\"v1\":\"e30=\"},\"tenantConfigs\":{\"a\":{\"model\":\"v1\"}}}",
                "/ratingModels/v1: a model without kind"),
            Map.entry(
                "{\"ratingModels\":{\"v1\":\""
                    + MODEL
                    + "\",\"v2\":\""
                    + MODEL
                    + "\"},\"tenantConfigs\":{\"a\":{\"model\":\"v1\"}}}",
                "/ratingModels/v2: no tenant uses it"));
    wrong.forEach(
        (document, complaint) ->
            assertThatThrownBy(() -> read(document))
                .as(document)
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(complaint));
  }
}
