package io.deviceregistry.adapter.out.postgres;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/** A database of its own, and a second lookup key. */
public class LookupKeyProfile implements QuarkusTestProfile {
    static final String NEXT_KEY =
            Base64.getEncoder().encodeToString("the next lookup key, thirty-two ".getBytes(StandardCharsets.US_ASCII));

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of("registry.token.next-lookup-key", NEXT_KEY);
    }
}
