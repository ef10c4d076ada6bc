package io.deviceregistry.sandbox.bunce;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A sandbox in a process of its own, which can be killed. Prints its address and waits. */
final class SandboxProcess {

    private SandboxProcess() {}

    public static void main(String[] arguments) throws InterruptedException {
        BunceSandbox sandbox = BunceSandbox.start(new SandboxOptions(0, Caller.API_KEY, Path.of(arguments[0])));
        System.out.println(sandbox.baseUrl().resolve("/"));
        new CountDownLatch(1).await();
    }
}
