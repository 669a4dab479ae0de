package io.openclaw.edge;

import io.openclaw.domain.ApiKey;
import io.openclaw.domain.ApiKeyJson;
import io.openclaw.domain.DurableMap;
import io.openclaw.domain.Fact;
import io.openclaw.domain.FactTable;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.JsonWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * All keys: those of the configuration, and those made or revoked at run time, which are stored
 * here and told to the other regions.
 *
 * <p>A CRDT: a key's document never changes but for being revoked, and revoked it stays, and for
 * ending earlier; so the union of what regions know, revoked where anyone says so, with the
 * earliest end that anyone says, is the same in any order. Thread-safe; what the mesh calls waits
 * for no disk.
 */
public final class Keys implements FactTable {
  /** Keys made at run time, all tenants together. */
  static final int KEYS_MAX = 100_000;

  private static final long ACTIVE = 1;
  private static final long REVOKED = 2;

  private final DurableMap<ApiKey> changed;
  private final Consumer<List<ApiKey>> listener;
  private final Object making = new Object(); // new keys are counted and made one after another
  private final Set<String> heard = new LinkedHashSet<>(); // guarded by itself
  private volatile Map<String, ApiKey> configured;

  /**
   * All keys as they are at start-up.
   *
   * @param stored what {@code storage} held at start-up
   * @param listener told of new and changed keys, those that come together at once, under this
   *     object's lock
   */
  public Keys(
      Collection<ApiKey> configured,
      Collection<ApiKey> stored,
      KeyStorage storage,
      Consumer<List<ApiKey>> listener) {
    this.configured = byId(configured);
    this.changed = new DurableMap<>(byId(stored), keys -> storage.save(keys.values()));
    this.listener = listener;
  }

  private static Map<String, ApiKey> byId(Collection<ApiKey> keys) {
    Map<String, ApiKey> all = new LinkedHashMap<>();
    keys.forEach(key -> all.put(key.id(), key));
    return all;
  }

  /** Every key, revoked ones too. */
  public List<ApiKey> list() {
    Map<String, ApiKey> all = new LinkedHashMap<>(configured);
    all.putAll(changed.copy());
    return List.copyOf(all.values());
  }

  /**
   * Replaces the keys of the configuration; those made or revoked at run time stay as they are.
   *
   * @param reader told of all keys while no other change can come between
   */
  public synchronized void configure(Collection<ApiKey> next, Consumer<List<ApiKey>> reader) {
    configured = byId(next);
    reader.accept(list());
  }

  /**
   * Adds new keys, all or none; stored, in force here and on their way to the other regions when
   * this returns.
   *
   * @throws IOException where they could not be stored, and there are none of them
   * @throws IllegalStateException where there would be too many keys
   */
  public void create(Collection<ApiKey> keys) throws IOException {
    if (keys.isEmpty()) {
      return;
    }
    Map<String, ApiKey> made = byId(keys);
    synchronized (making) {
      int known = changed.size();
      if (known + made.size() > KEYS_MAX) {
        throw new IllegalStateException("there are " + known + " keys already");
      }
      changed.writeFirst(made, (before, key) -> key);
    }
    inForce(made.keySet());
  }

  /** Adds one new key, as {@link #create(Collection)} does. */
  public void create(ApiKey key) throws IOException {
    create(List.of(key));
  }

  /**
   * Revokes a key for good; empty where there is none of that id.
   *
   * @throws IOException where that is in force and told, and not stored; {@link #flush} tries again
   */
  public Optional<ApiKey> revoke(String id) throws IOException {
    return end(id, ApiKey::asRevoked);
  }

  /**
   * Lets a key end earlier than it would; empty where there is none of that id.
   *
   * @throws IOException as {@link #revoke} does
   */
  public Optional<ApiKey> expire(String id, long millis) throws IOException {
    return end(id, key -> key.expiringBy(millis));
  }

  /**
   * In force and told before it is stored: a key that has leaked must end, whatever the disk does.
   */
  private Optional<ApiKey> end(String id, UnaryOperator<ApiKey> ending) throws IOException {
    boolean ended =
        changed.change(
            id,
            DurableMap.Tell.NOW,
            known -> {
              ApiKey key = known == null ? configured.get(id) : known;
              ApiKey next = key == null ? null : ending.apply(key);
              return Objects.equals(key, next) ? null : next;
            });
    ApiKey now = known(id);
    if (now == null) {
      return Optional.empty();
    }
    if (ended) {
      inForce(Set.of(id));
    }
    changed.write();
    return Optional.of(now);
  }

  private @Nullable ApiKey known(String id) {
    ApiKey key = changed.get(id);
    return key == null ? configured.get(id) : key;
  }

  /** Tells what holds of these keys now, so that what comes late undoes nothing. */
  private synchronized void inForce(Collection<String> ids) {
    List<ApiKey> keys = new ArrayList<>(ids.size());
    for (String id : ids) {
      ApiKey key = known(id);
      if (key != null) {
        keys.add(key);
      }
    }
    listener.accept(keys);
  }

  /**
   * Stores what was heard from other regions, and what the disk did not take, since the last call.
   */
  public void flush() throws IOException {
    changed.write();
  }

  @Override
  public String name() {
    return "keys";
  }

  @Override
  public void drainChanges(Consumer<Fact> sink) {
    changed.drain((id, key) -> sink.accept(fact(key)));
  }

  @Override
  public void all(Consumer<Fact> sink) {
    changed.all((id, key) -> sink.accept(fact(key)));
  }

  private Fact fact(ApiKey key) {
    return new Fact.Register(
        name(),
        key.id(),
        key.revoked() ? REVOKED : ACTIVE,
        JsonWriter.write(ApiKeyJson.write(key)));
  }

  @Override
  public void merge(Fact fact) {
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
    if (changed.change(told.id(), DurableMap.Tell.NOBODY, known -> union(known, told))) {
      synchronized (heard) {
        heard.add(told.id());
      }
    }
  }

  private @Nullable ApiKey union(@Nullable ApiKey changedHere, ApiKey told) {
    ApiKey known = changedHere == null ? configured.get(told.id()) : changedHere;
    if (known == null) {
      if (changed.size() >= KEYS_MAX) {
        throw new IllegalArgumentException("more than " + KEYS_MAX + " keys");
      }
      return told;
    }
    ApiKey ends = known.expiringBy(told.expiresAtMillis());
    ApiKey now = told.revoked() ? ends.asRevoked() : ends;
    return now.equals(known) ? null : now;
  }

  @Override
  public void merged() {
    List<String> ids;
    synchronized (heard) {
      ids = List.copyOf(heard);
      heard.clear();
    }
    if (!ids.isEmpty()) {
      inForce(ids);
    }
  }
}
