using Relay.Functions.Operations;

namespace Relay.Functions.Tests.Operations;

/// <summary>Holds what a test sees against what the function declares, and so against the served description.</summary>
internal static class DeclaredAnswers
{
    /// <summary>Null when the status is declared, or the method is none of the function's; else what is missing.</summary>
    public static string? Missing(string function, string method, int status)
    {
        if (!HttpFunctions.TryFind(function, out var found) || found.Find(method) is not { } operation) return null;
        return found.Declares(operation, status) ? null : $"{method} {function} answered {status}, which it does not declare";
    }

    public static void Check(string function, string method, int status) => Assert.Null(Missing(function, method, status));
}
