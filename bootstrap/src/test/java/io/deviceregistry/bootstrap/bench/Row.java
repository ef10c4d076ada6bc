package io.deviceregistry.bootstrap.bench;

/** Something that is measured, together with what it is compared with. */
interface Row {
    /**
     * Measures both by turns and tells the report of each run and of what came of them.
     *
     * @throws BenchException if what was measured is void
     */
    void measure(Scene scene, Report report) throws InterruptedException;
}
