using Relay.Functions.Callers;

namespace Relay.Functions.Operations;

/// <summary>
/// Declares one operation of an HTTP function: a method, who may call it, and what it is for. A function has one for each of its methods;
/// what it does not declare is refused, and a function that declares none lets nobody in.
/// </summary>
/// <param name="method">GET, POST or PUT; HEAD goes with GET, and OPTIONS with any (RFC 9110 section 9.3).</param>
/// <param name="callers">Who may call it.</param>
/// <param name="summary">What it does, in a line.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class OperationAttribute(string method, CallerKind callers, string summary) : Attribute
{
    public string Method => method;

    public CallerKind Callers => callers;

    public string Summary => summary;
}
