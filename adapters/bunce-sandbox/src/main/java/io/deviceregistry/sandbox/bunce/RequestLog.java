package io.deviceregistry.sandbox.bunce;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The newest requests, within a number and a total size of bodies. Not thread-safe. */
final class RequestLog {

    private final int mostRequests;
    private final long mostCharacters;
    private final Deque<RecordedRequest> requests = new ArrayDeque<>();
    private long characters;

    RequestLog(int mostRequests, long mostCharacters) {
        this.mostRequests = mostRequests;
        this.mostCharacters = mostCharacters;
    }

    void add(RecordedRequest request) {
        requests.addLast(request);
        characters += request.body().length();
        while (requests.size() > mostRequests || (characters > mostCharacters && requests.size() > 1)) {
            characters -= requests.removeFirst().body().length();
        }
    }

    void clear() {
        requests.clear();
        characters = 0;
    }

    /** Oldest first. */
    List<RecordedRequest> list() {
        return List.copyOf(requests);
    }
}
