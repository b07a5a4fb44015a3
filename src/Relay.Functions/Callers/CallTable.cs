namespace Relay.Functions.Callers;

/// <summary>The one table from a decision about a call to its answer.</summary>
internal static class CallTable
{
    /// <returns>Status of the answer, 200 for a call that goes on; reason, which is the problem's type and the metric tag; and what the
    /// problem says where the caller's proof does not say it.</returns>
    public static (int Status, string Reason, string Detail) For(CallVerdict verdict) => verdict switch
    {
        CallVerdict.Allowed => (200, "allowed", ""),
        CallVerdict.Undeclared => (403, "undeclared", "expected an operation that says who may call it, this one lets nobody in"),
        CallVerdict.Unauthenticated => (401, "unauthenticated", ""),
        CallVerdict.CallerUnavailable => (503, "caller-unavailable", ""),
        CallVerdict.NoSuchName => (
            404,
            "negotiation-not-found",
            "expected a negotiation's name, [a-z0-9] then up to 49 of [a-z0-9-], got something else"),
        CallVerdict.NotACaller => (
            403, "not-a-caller", "expected a caller that the negotiation's document names, got another"),
        CallVerdict.NotAnOperator => (
            403, "not-an-operator", "expected an operator of this relay (Relay:Operators), got another caller"),
        CallVerdict.DirectoryUnavailable => (
            503, "directory-unavailable", "expected the directory's document of the negotiation, it cannot be read now"),
    };

    /// <summary>The tag <c>relay.caller</c>.</summary>
    public static string TagOf(CallerClass caller) => caller switch
    {
        CallerClass.Nobody => "nobody",
        CallerClass.Certificate => "certificate",
        CallerClass.Token => "token",
        CallerClass.Operator => "operator",
    };
}
