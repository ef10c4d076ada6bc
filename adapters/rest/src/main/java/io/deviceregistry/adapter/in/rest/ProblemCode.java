package io.deviceregistry.adapter.in.rest;

import java.util.Arrays;

/** The stable {@code code} of every problem that this interface answers with. Callers branch on it; never rename one. */
enum ProblemCode {
    MALFORMED_REQUEST(400, "Bad Request", "The request could not be read."),
    UNAUTHENTICATED(
            401,
            "Unauthorized",
            "A valid API key is required, in X-Authorization or as a Bearer token in Authorization, or a valid token of the "
                    + "company's identity provider."),
    FORBIDDEN(403, "Forbidden", "The caller lacks the scope for this."),
    NOT_FOUND(404, "Not Found", "There is nothing at this path."),
    DEVICE_NOT_FOUND(404, "Not Found", "The customer has no such device."),
    CUSTOMER_NOT_FOUND(404, "Not Found", "There is no such customer."),
    ERASURE_NOT_FOUND(404, "Not Found", "There is no such erasure."),
    IMPORT_NOT_FOUND(404, "Not Found", "There is no such import."),
    API_KEY_NOT_FOUND(404, "Not Found", "There is no such API key."),
    METHOD_NOT_ALLOWED(405, "Method Not Allowed", "This path does not take this method."),
    NOT_ACCEPTABLE(406, "Not Acceptable", "There is no answer of a media type that is accepted."),
    DEVICE_REMOVED(409, "Conflict", "The device is removed."),
    REQUEST_UNDER_WAY(409, "Conflict", "A request with this Idempotency-Key is under way; repeat it later."),
    IMPORT_ENDED(409, "Conflict", "Nothing had arrived for long, so the import was given up; send the file again."),
    LOOKUP_KEY_NOT_READY(409, "Conflict", ProblemCode.LOOKUP_KEY_NOT_READY_DETAIL),
    CHANGES_GONE(410, "Gone", "Changes after this cursor are not there any more; nobody can go on from it."),
    PRECONDITION_FAILED(412, "Precondition Failed", "The device has another version by now; nothing was done."),
    BODY_TOO_LARGE(413, "Content Too Large", "The request's body is too large."),
    UNSUPPORTED_MEDIA_TYPE(
            415, "Unsupported Media Type", "The body is of a media type, or an encoding, that is not taken here."),
    INVALID_REQUEST(422, "Unprocessable Content", "The request is not valid; nothing was done."),
    TOO_MANY_DEVICES(
            422,
            "Unprocessable Content",
            "The customer would have more active devices than one may have; nothing was stored."),
    IDEMPOTENCY_KEY_REUSED(422, "Unprocessable Content", "This Idempotency-Key was used for another request."),
    TOO_MANY_REQUESTS(
            429, "Too Many Requests", "The caller has had as many requests as it may have; repeat this one later."),
    INTERNAL_ERROR(500, "Internal Server Error", "The registry failed. Repeating the request is safe."),
    STORE_UNAVAILABLE(
            503,
            "Service Unavailable",
            "The registry's database is not available, or others have what the request needs for long. Repeating it is safe."),
    OVERLOADED(
            503,
            "Service Unavailable",
            "The registry has more requests than it can answer in time. This one was not begun; repeat it later."),
    STOPPING(503, "Service Unavailable", "This replica of the registry is stopping."),
    IDENTITY_PROVIDER_UNAVAILABLE(
            503,
            "Service Unavailable",
            "The company's identity provider does not answer, so no token can be checked. Repeating the request is "
                    + "safe; requests with API keys are answered.");

    static final String LOOKUP_KEY_NOT_READY_DETAIL = "The lookup key cannot be replaced now.";

    private final int status;
    private final String title;
    private final String detail;

    ProblemCode(int status, String title, String detail) {
        this.status = status;
        this.title = title;
        this.detail = detail;
    }

    int status() {
        return status;
    }

    /** The status in words: RFC 9110, 15. */
    String title() {
        return title;
    }

    /** What to say where nothing more exact is known. */
    String detail() {
        return detail;
    }

    /** The code of an error that the framework made. */
    static ProblemCode ofStatus(int status) {
        return Arrays.stream(values())
                .filter(code -> code.status == status)
                .findFirst()
                .orElse(status >= 500 ? INTERNAL_ERROR : MALFORMED_REQUEST);
    }
}
