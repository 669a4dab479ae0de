package io.openclaw.release;

import io.openclaw.domain.Json;
import io.openclaw.domain.Tenant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Contents with one canary started, changed or ended, and what a content's canaries stand for. */
public final class CanaryEdit {
  private CanaryEdit() {}

  /** The canary of a tenant's model. */
  public static Optional<CanarySpec> find(Content content, String tenant, String model) {
    return content.canaries().stream()
        .filter(each -> each.tenant().equals(tenant) && each.model().equals(model))
        .findFirst();
  }

  private static CanarySpec get(Content content, String tenant, String model) {
    return find(content, tenant, model)
        .orElseThrow(() -> new NoSuchElementException("no canary of " + tenant + "/" + model));
  }

  /** The entry of a tenant's model: the model's name, or that with a version. */
  public static Optional<ModelSpec> stable(Content content, String tenant, String model) {
    return content.tenants().stream()
        .filter(each -> each.id().equals(tenant))
        .flatMap(each -> each.models().stream())
        .filter(name -> ModelSpec.modelOf(name).equals(model))
        .findFirst()
        .flatMap(name -> entry(content, name));
  }

  /** The entry of the version that a canary tries. */
  public static ModelSpec tried(Content content, CanarySpec canary) {
    return entry(content, name(canary)).orElseThrow();
  }

  private static Optional<ModelSpec> entry(Content content, String name) {
    return content.models().stream().filter(each -> each.name().equals(name)).findFirst();
  }

  private static String name(CanarySpec canary) {
    return ModelSpec.versioned(canary.model(), canary.canary());
  }

  /**
   * A canary's name among all that ever were: tenant, model, and a digest of everything that is
   * fixed for its life. Where any of that changes it is another canary, with nothing counted.
   */
  public static String key(Content content, CanarySpec canary) {
    Map<String, Json> fixed = new LinkedHashMap<>();
    fixed.put("salt", new Json.Str(Long.toHexString(canary.salt())));
    fixed.put("sticky", new Json.Str(canary.sticky().text()));
    ModelSpec stable = stable(content, canary.tenant(), canary.model()).orElseThrow();
    fixed.put("stable", identity(stable));
    fixed.put("canary", identity(tried(content, canary)));
    fixed.put("bins", new Json.Str(canary.bins().toString()));
    return canary.tenant()
        + "/"
        + canary.model()
        + "/"
        + Sha256.hex(CanonicalJson.write(new Json.Obj(fixed))).substring(0, 16);
  }

  private static Json identity(ModelSpec model) {
    return new Json.Str(model.version() + " " + Sha256.hex(model.bytes()));
  }

  /**
   * With one more canary.
   *
   * @param tried the entry of the version it tries; one of that name is replaced
   */
  public static Content started(Content content, CanarySpec canary, ModelSpec tried) {
    List<ModelSpec> models = new ArrayList<>(content.models());
    models.removeIf(each -> each.name().equals(tried.name()));
    models.add(tried);
    List<CanarySpec> canaries = new ArrayList<>(content.canaries());
    canaries.add(canary);
    return with(content, models, content.tenants(), canaries);
  }

  /** With another weight. */
  public static Content weighted(
      Content content, String tenant, String model, CanarySpec.Traffic traffic) {
    CanarySpec old = get(content, tenant, model);
    List<CanarySpec> canaries =
        content.canaries().stream()
            .map(each -> each.equals(old) ? old.with(traffic) : each)
            .toList();
    return with(content, content.models(), content.tenants(), canaries);
  }

  /** Without the canary: the stable version rates everything. */
  public static Content ended(Content content, String tenant, String model) {
    CanarySpec old = get(content, tenant, model);
    return swept(without(content, old), name(old));
  }

  /**
   * With the canary's version in place of the stable one. Where no other tenant rates with the
   * stable entry, and it has the model's plain name, that entry becomes the new version; otherwise
   * the tenant names the version.
   */
  public static Content promoted(Content content, String tenant, String model) {
    CanarySpec old = get(content, tenant, model);
    ModelSpec stable = stable(content, tenant, model).orElseThrow();
    ModelSpec tried = tried(content, old);
    Content next = without(content, old);
    boolean shared =
        content.tenants().stream()
            .anyMatch(each -> !each.id().equals(tenant) && each.models().contains(stable.name()));
    if (!shared && stable.name().equals(model)) {
      ModelSpec now =
          new ModelSpec(
              stable.place(),
              model,
              tried.kind(),
              tried.version(),
              tried.bytes(),
              stable.limit(),
              stable.quota(),
              stable.maxAgeSeconds());
      List<ModelSpec> models =
          replaced(next.models(), each -> each.name().equals(model) ? now : each);
      return swept(with(next, models, next.tenants(), next.canaries()), tried.name());
    }
    List<Tenant> tenants =
        replaced(
            next.tenants(),
            each -> each.id().equals(tenant) ? renamed(each, stable.name(), tried.name()) : each);
    return swept(with(next, next.models(), tenants, next.canaries()), stable.name());
  }

  private static Tenant renamed(Tenant tenant, String from, String to) {
    return new Tenant(
        tenant.id(),
        replaced(tenant.models(), name -> name.equals(from) ? to : name),
        tenant.threshold(),
        tenant.cost(),
        tenant.limit(),
        tenant.quota(),
        tenant.fallback());
  }

  private static <T> List<T> replaced(List<T> all, UnaryOperator<T> change) {
    return all.stream().map(change).map(Objects::requireNonNull).toList();
  }

  private static Content without(Content content, CanarySpec old) {
    return with(
        content,
        content.models(),
        content.tenants(),
        content.canaries().stream().filter(each -> !each.equals(old)).toList());
  }

  /** Without the entry, where nothing names it any more. */
  private static Content swept(Content content, String name) {
    boolean used =
        content.tenants().stream().anyMatch(each -> each.models().contains(name))
            || content.canaries().stream().anyMatch(each -> name(each).equals(name));
    return used
        ? content
        : with(
            content,
            content.models().stream().filter(each -> !each.name().equals(name)).toList(),
            content.tenants(),
            content.canaries());
  }

  private static Content with(
      Content content, List<ModelSpec> models, List<Tenant> tenants, List<CanarySpec> canaries) {
    return new Content(
        content.global(),
        content.globalQuota(),
        models,
        tenants,
        content.keys(),
        canaries,
        content.samples());
  }
}
