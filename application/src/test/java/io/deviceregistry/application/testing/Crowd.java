package io.deviceregistry.application.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Threads that all want the same at once: a few more than a pool of connections has. */
final class Crowd {
    private static final int THREADS = 24;

    private Crowd() {}

    /** @return what each call returned; the first failure of one fails the test */
    static <T> List<T> atOnce(int times, IntFunction<T> action) {
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<T>> all = IntStream.range(0, times)
                    .mapToObj(i -> threads.submit(() -> action.apply(i)))
                    .toList();
            List<T> results = new ArrayList<>();
            for (Future<T> one : all) {
                results.add(one.get());
            }
            return results;
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }
}
