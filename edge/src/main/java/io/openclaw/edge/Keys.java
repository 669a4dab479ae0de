package io.openclaw.edge;

import io.openclaw.domain.ApiKey;
import io.openclaw.domain.ApiKeyJson;
import io.openclaw.domain.Fact;
import io.openclaw.domain.FactTable;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.JsonWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * All keys: those of the configuration, and those made or revoked at run time, which are stored
 * here and told to the other regions.
 *
 * <p>A CRDT: a key's document never changes but for being revoked, and revoked it stays, and for
 * ending earlier; so the union of what regions know, revoked where anyone says so, with the
 * earliest end that anyone says, is the same in any order. Thread-safe.
 */
public final class Keys implements FactTable {
  /** Keys made at run time, all tenants together. */
  static final int KEYS_MAX = 100_000;

  private static final long ACTIVE = 1;
  private static final long REVOKED = 2;

  private final Map<String, ApiKey> configured = new LinkedHashMap<>();
  private final Map<String, ApiKey> changed = new LinkedHashMap<>();
  private final KeyStorage storage;
  private final Consumer<ApiKey> listener;
  private final List<ApiKey> untold = new ArrayList<>();
  private boolean unsaved;

  /**
   * All keys as they are at start-up.
   *
   * @param stored what {@code storage} held at start-up
   * @param listener told of every new or changed key, under this object's lock
   */
  public Keys(
      Collection<ApiKey> configured,
      Collection<ApiKey> stored,
      KeyStorage storage,
      Consumer<ApiKey> listener) {
    configured.forEach(key -> this.configured.put(key.id(), key));
    stored.forEach(key -> changed.put(key.id(), key));
    this.storage = storage;
    this.listener = listener;
  }

  /** Every key, revoked ones too. */
  public synchronized List<ApiKey> list() {
    Map<String, ApiKey> all = new LinkedHashMap<>(configured);
    all.putAll(changed);
    return List.copyOf(all.values());
  }

  /**
   * Replaces the keys of the configuration; those made or revoked at run time stay as they are.
   *
   * @param reader told of all keys while no other change can come between
   */
  public synchronized void configure(Collection<ApiKey> next, Consumer<List<ApiKey>> reader) {
    configured.clear();
    next.forEach(key -> configured.put(key.id(), key));
    reader.accept(list());
  }

  /**
   * Adds new keys, all or none; stored, in force here and on their way to the other regions when
   * this returns.
   *
   * @throws IllegalStateException where there would be too many keys
   */
  public synchronized void create(Collection<ApiKey> keys) throws IOException {
    if (changed.size() + keys.size() > KEYS_MAX) {
      throw new IllegalStateException("there are " + changed.size() + " keys already");
    }
    if (!keys.isEmpty()) {
      store(keys);
    }
  }

  /** Adds one new key, as {@link #create(Collection)} does. */
  public void create(ApiKey key) throws IOException {
    create(List.of(key));
  }

  /** Revokes a key for good; empty where there is none of that id. */
  public synchronized Optional<ApiKey> revoke(String id) throws IOException {
    ApiKey key = changed.getOrDefault(id, configured.get(id));
    if (key == null) {
      return Optional.empty();
    }
    ApiKey revoked = key.asRevoked();
    if (!key.revoked()) {
      store(List.of(revoked));
    }
    return Optional.of(revoked);
  }

  /** Lets a key end earlier than it would; empty where there is none of that id. */
  public synchronized Optional<ApiKey> expire(String id, long millis) throws IOException {
    ApiKey key = changed.getOrDefault(id, configured.get(id));
    if (key == null) {
      return Optional.empty();
    }
    ApiKey ending = key.expiringBy(millis);
    if (!ending.equals(key)) {
      store(List.of(ending));
    }
    return Optional.of(ending);
  }

  private void store(Collection<ApiKey> keys) throws IOException {
    Map<String, ApiKey> next = new LinkedHashMap<>(changed);
    keys.forEach(key -> next.put(key.id(), key));
    storage.save(next.values());
    for (ApiKey key : keys) {
      changed.put(key.id(), key);
      untold.add(key);
      listener.accept(key);
    }
  }

  /** Stores what was heard from other regions since the last call. */
  public synchronized void flush() throws IOException {
    if (unsaved) {
      storage.save(changed.values());
      unsaved = false;
    }
  }

  @Override
  public String name() {
    return "keys";
  }

  @Override
  public synchronized void drainChanges(Consumer<Fact> sink) {
    untold.forEach(key -> sink.accept(fact(key)));
    untold.clear();
  }

  @Override
  public synchronized void all(Consumer<Fact> sink) {
    changed.values().forEach(key -> sink.accept(fact(key)));
  }

  private Fact fact(ApiKey key) {
    return new Fact.Register(
        name(),
        key.id(),
        key.revoked() ? REVOKED : ACTIVE,
        JsonWriter.write(ApiKeyJson.write(key)));
  }

  @Override
  public synchronized void merge(Fact fact) {
    if (!(fact instanceof Fact.Register register)) {
      throw new IllegalArgumentException("not a register of keys: " + fact.key());
    }
    ApiKey told;
    try {
      told = ApiKeyJson.read(JsonReader.read(register.value()));
    } catch (JsonSyntaxException e) {
      throw new IllegalArgumentException("a key that is not JSON: " + fact.key(), e);
    }
    if (!told.id().equals(register.key())) {
      throw new IllegalArgumentException("key " + told.id() + " under the name " + register.key());
    }
    ApiKey known = changed.getOrDefault(told.id(), configured.get(told.id()));
    if (known == null && changed.size() >= KEYS_MAX) {
      throw new IllegalArgumentException("more than " + KEYS_MAX + " keys");
    }
    ApiKey now = known == null ? told : known.expiringBy(told.expiresAtMillis());
    if (known != null && told.revoked()) {
      now = now.asRevoked();
    }
    if (now.equals(known)) {
      return;
    }
    changed.put(now.id(), now);
    unsaved = true;
    listener.accept(now);
  }
}
