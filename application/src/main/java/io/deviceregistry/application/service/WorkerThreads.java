package io.deviceregistry.application.service;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;

/** Threads that work until they are told to stop, which whoever gives them work does. */
final class WorkerThreads {
    private final ThreadFactory factory;
    private final List<Thread> threads = new ArrayList<>();

    WorkerThreads(ThreadFactory factory) {
        this.factory = factory;
    }

    void start(int number, Runnable work) {
        for (int i = 0; i < number; i++) {
            Thread thread = factory.newThread(work);
            threads.add(thread);
            thread.start();
        }
    }

    /** Returns when every thread has ended, or this one is interrupted. */
    void join() {
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
