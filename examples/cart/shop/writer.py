"""Who wrote the session last: what ../writer.go is to Go."""


def mark_writer(get_response):
    """Middleware that notes in a session which Django is about to save that Django wrote it."""

    def middleware(request):
        response = get_response(request)
        if request.session.modified and not request.session.is_empty():
            request.session["written_by"] = "Django"
        return response

    return middleware
